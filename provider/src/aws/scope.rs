//! Where a pipeline lives, and the ARNs that follow from it.

use serde::{Deserialize, Serialize};

/// Partition, account and region: what ARNs are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Twelve digits.
    pub account: String,
    /// E.g. `eu-west-1`.
    pub region: String,
}

impl Scope {
    /// The scope of an account and region; the partition follows from the region.
    #[must_use]
    pub fn new(account: &str, region: &str) -> Self {
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Self { partition: partition.to_owned(), account: account.to_owned(), region: region.to_owned() }
    }

    /// The scope that an ARN tells; none of an object of a service without regions.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':').skip(3);
        let (region, account) = (parts.next()?, parts.next()?);
        (!region.is_empty() && !account.is_empty()).then(|| Self::new(account, region))
    }

    /// `arn:<partition>:<service>:<region>:<account>:<resource>`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }

    /// The ARN of an object of a service without regions: `arn:<partition>:<service>::<account>:<resource>`.
    #[must_use]
    pub fn global_arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}::{}:{resource}", self.partition, self.account)
    }

    /// The ARN of a bucket, or of what is in it: `arn:<partition>:s3:::<bucket and key>`.
    #[must_use]
    pub fn s3_arn(&self, path: &str) -> String {
        format!("arn:{}:s3:::{path}", self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_tell_where_they_are() {
        let scope = Scope::new("123456789012", "cn-north-1");
        for (arn, expected) in [
            (scope.arn("sqs", "q"), Some(scope.clone())),
            (scope.global_arn("iam", "role/r"), None),
            (scope.s3_arn("bucket"), None),
            ("sqs".to_owned(), None),
        ] {
            assert_eq!(Scope::of_arn(&arn), expected, "{arn}");
        }
    }
}
