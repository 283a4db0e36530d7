//! [`Secret`]: a text that no log and no panic message shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::resources::model::Inputs;

/// A secret text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Inputs for Secret {
    fn all_known(&self) -> bool {
        true
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
