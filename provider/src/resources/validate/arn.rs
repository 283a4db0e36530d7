//! The shape of the ARNs a user may give, and whether they fit the place they are given for.

use crate::aws::Scope;

struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

fn split(text: &str) -> Option<Arn<'_>> {
    let mut parts = text.splitn(6, ':');
    let (scheme, partition) = (parts.next()?, parts.next()?);
    let arn = Arn {
        partition,
        service: parts.next()?,
        region: parts.next()?,
        account: parts.next()?,
        resource: parts.next()?,
    };
    let whole = scheme == "arn" && (partition == "aws" || partition.starts_with("aws-"));
    (whole && !text.chars().any(|c| c.is_whitespace() || c.is_control())).then_some(arn)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn named<'a>(resource: &'a str, kind: &str) -> Option<&'a str> {
    resource.strip_prefix(kind).filter(|name| !name.is_empty() && !name.ends_with('/'))
}

/// A KMS key, not an alias: policies and Lambda take keys only.
///
/// # Errors
/// What is wrong with it.
pub fn kms_key(text: &str) -> Result<(), String> {
    let example = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    match split(text) {
        Some(arn) if arn.service == "kms" && arn.resource.starts_with("alias/") => {
            Err(format!("`{text}` is an alias; give the ARN of its key, such as {example}"))
        }
        Some(arn)
            if arn.service == "kms"
                && !arn.region.is_empty()
                && is_account(arn.account)
                && named(arn.resource, "key/").is_some() =>
        {
            Ok(())
        }
        _ => Err(format!("`{text}` is not the ARN of a KMS key, such as {example}")),
    }
}

/// A secret of Secrets Manager.
///
/// # Errors
/// What is wrong with it.
pub fn secret(text: &str) -> Result<(), String> {
    let example = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:masking-key-AbCdEf";
    match split(text) {
        Some(arn)
            if arn.service == "secretsmanager"
                && !arn.region.is_empty()
                && is_account(arn.account)
                && named(arn.resource, "secret:").is_some()
                && !arn.resource.contains('*') =>
        {
            Ok(())
        }
        _ => Err(format!("`{text}` is not the ARN of a secret, such as {example}")),
    }
}

/// An IAM policy, the account's own or AWS's.
///
/// # Errors
/// What is wrong with it.
pub fn policy(text: &str) -> Result<(), String> {
    iam(text, "policy/", |account| account == "aws" || is_account(account)).ok_or_else(|| {
        format!("`{text}` is not the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary")
    })
}

/// An IAM role.
///
/// # Errors
/// What is wrong with it.
pub fn role(text: &str) -> Result<(), String> {
    iam(text, "role/", is_account).ok_or_else(|| {
        format!("`{text}` is not the ARN of an IAM role, such as arn:aws:iam::123456789012:role/deploy")
    })
}

fn iam(text: &str, kind: &str, account: impl Fn(&str) -> bool) -> Option<()> {
    let arn = split(text)?;
    let fits = arn.service == "iam" && arn.region.is_empty() && account(arn.account);
    (fits && named(arn.resource, kind).is_some()).then_some(())
}

/// What is wrong with a key whose region or partition is not the pipeline's: every service takes keys of its own region.
#[must_use]
pub fn wrong_region(key: &str, scope: &Scope) -> Option<String> {
    let arn = split(key)?;
    let elsewhere = arn.region != scope.region || arn.partition != scope.partition;
    elsewhere.then(|| {
        format!("the key is in {}, the pipeline in {}: give a key of that region", arn.region, scope.region)
    })
}

/// What is wrong with a policy that is neither the account's own nor one of AWS's: a boundary must be one of them.
#[must_use]
pub fn wrong_account(policy: &str, scope: &Scope) -> Option<String> {
    let arn = split(policy)?;
    let elsewhere = arn.account != "aws" && arn.account != scope.account;
    elsewhere.then(|| {
        format!(
            "the policy is in the account {}, the pipeline in {}: IAM takes a boundary of the same account",
            arn.account, scope.account
        )
    })
}
