//! In which accounts the provider may act.

use tf_provider::AttributePath;

use super::{ProviderConfig, list};

impl ProviderConfig {
    /// The account that need not be asked for.
    pub fn account(&self) -> Option<String> {
        let skipped = self.skip_requesting_account_id.known() == Some(&true);
        list(&self.allowed_account_ids).into_iter().next().filter(|_| skipped)
    }

    /// Whether the block says something of the account, which then must be known before anything is asked of AWS.
    #[must_use]
    pub fn is_particular(&self) -> bool {
        self.allowed_account_ids.is_known()
            || self.forbidden_account_ids.is_known()
            || self.skip_credentials_validation.known() == Some(&true)
    }

    /// Refuses an account that is not wanted.
    ///
    /// # Errors
    /// Why, and which attribute says so.
    pub fn admit(&self, account: &str) -> Result<(), (AttributePath, String)> {
        let (allowed, forbidden) = (list(&self.allowed_account_ids), list(&self.forbidden_account_ids));
        let refused = |attribute: &'static str, why: &str| {
            let message = format!(
                "The credentials belong to the account {account}, {why}. Nothing was done; choose other credentials or change {attribute}."
            );
            Err((AttributePath::new(attribute), message))
        };
        if self.allowed_account_ids.is_known() && !allowed.iter().any(|id| id == account) {
            return refused("allowed_account_ids", "which is not among the allowed ones");
        }
        if forbidden.iter().any(|id| id == account) {
            return refused("forbidden_account_ids", "which is forbidden");
        }
        Ok(())
    }
}
