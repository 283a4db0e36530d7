//! Messages into commands. Parsing is strict about what is used and blind to everything else.

mod arrivals;
mod envelope;

pub use arrivals::{Arrival, Arrivals, arrivals};
pub use envelope::announced;
