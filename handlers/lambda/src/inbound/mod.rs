//! Messages into commands. Parsing is strict about what is used and blind to everything else.

mod arrivals;
mod envelope;
mod requests;

pub use arrivals::{Arrival, Arrivals, arrivals};
pub use envelope::announced;
pub use requests::{Asked, asked};
