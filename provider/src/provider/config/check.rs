//! What is wrong with a provider block, each with its place.

use std::collections::HashSet;
use std::time::Duration;

use datalake_host::Val;
use serde_json::Value;
use tf_provider::AttributePath;

use super::{AssumeRole, MOST_RETRIES, ProviderConfig, Secret, WebIdentity, list};
use crate::aws::tags::OWNER_KEY;
use crate::resources::model::{Inputs, Texts};
use crate::resources::validate::{arn, duration, tags, words};

type Problems = Vec<(AttributePath, String)>;

/// How long STS lets credentials of a role be good.
const SHORTEST: Duration = Duration::from_secs(15 * 60);
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// Longest inline session policy.
const LONGEST_POLICY: usize = 2_048;
/// Most managed session policies.
const MOST_POLICIES: usize = 10;

impl ProviderConfig {
    /// Whether nothing in it is still to come.
    pub fn all_known(&self) -> bool {
        Inputs::all_known(self)
    }

    /// What is wrong as far as it is known.
    pub fn problems(&self) -> Problems {
        let mut problems = Vec::new();
        self.check_identity(&mut problems);
        self.check_tags(&mut problems);
        self.check_accounts(&mut problems);
        self.check_network(&mut problems);
        problems
    }

    fn check_identity(&self, problems: &mut Problems) {
        let any_region = self.skip_region_validation.known() == Some(&true);
        for (attribute, region) in [("region", &self.region), ("sts_region", &self.sts_region)] {
            let region = region.as_deref().filter(|region| !region.is_empty() && !any_region);
            check(problems, at(attribute), region.map(words::region));
        }
        let (has_id, has_secret) = (!self.access_key.is_null(), !self.secret_key.is_null());
        if has_id != has_secret {
            let (given, missing) =
                if has_id { ("access_key", "secret_key") } else { ("secret_key", "access_key") };
            problems.push((at(given), format!("goes only with {missing}")));
        }
        if !self.token.is_null() && !has_id {
            problems.push((at("token"), "goes only with access_key and secret_key".to_owned()));
        }
        if let Some(role) = self.assume_role.known() {
            check_role(problems, role, &at("assume_role"));
        }
        if let Some(role) = self.assume_role_with_web_identity.known() {
            check_web_role(problems, role, &at("assume_role_with_web_identity"));
        }
    }

    fn check_tags(&self, problems: &mut Problems) {
        if let Some(default_tags) = self.default_tags.known() {
            let path = at("default_tags").attribute("tags");
            tags::read(&default_tags.tags, &path, problems);
            let ignored = self.ignored();
            let both = self.tags().into_keys().filter(|key| ignored.covers(key));
            problems.extend(both.map(|key| (path.clone().key(key), tags::IGNORED.to_owned())));
        }
        let Some(ignore_tags) = self.ignore_tags.known() else { return };
        for (name, texts) in [("keys", &ignore_tags.keys), ("key_prefixes", &ignore_tags.key_prefixes)] {
            for (index, text) in indexed(texts) {
                let path = at("ignore_tags").attribute(name).index(index);
                let hides_ours = if name == "keys" { text == OWNER_KEY } else { OWNER_KEY.starts_with(text) };
                if text.is_empty() || hides_ours {
                    problems.push((path, format!("`{text}` would hide the tag {OWNER_KEY}, by which the provider knows its own objects")));
                }
            }
        }
    }

    fn check_accounts(&self, problems: &mut Problems) {
        let lists = [
            ("allowed_account_ids", &self.allowed_account_ids),
            ("forbidden_account_ids", &self.forbidden_account_ids),
        ];
        for (name, texts) in lists {
            for (index, id) in indexed(texts) {
                check(problems, at(name).index(index), Some(words::account(id)));
            }
        }
        if lists.iter().all(|(_, texts)| !texts.is_null()) {
            problems.push((
                at("forbidden_account_ids"),
                "goes not with allowed_account_ids: what is not allowed is forbidden".to_owned(),
            ));
        }
        let knows_one = Inputs::all_known(&self.allowed_account_ids);
        let one: HashSet<String> = list(&self.allowed_account_ids).into_iter().collect();
        if self.skip_requesting_account_id.known() == Some(&true) && knows_one && one.len() != 1 {
            let message = "the account is a part of names: where STS is not asked for it, allowed_account_ids has to hold exactly one account";
            problems.push((at("skip_requesting_account_id"), message.to_owned()));
        }
    }

    fn check_network(&self, problems: &mut Problems) {
        if let Some(retries) = self.max_retries.known().filter(|_| self.retries().is_none()) {
            problems.push((
                at("max_retries"),
                format!("{retries} is not a whole number from 0 to {MOST_RETRIES}"),
            ));
        }
        if let Some(mode) = self.retry_mode.as_deref().filter(|mode| !["standard", "adaptive"].contains(mode))
        {
            problems.push((at("retry_mode"), format!("`{mode}` is none of `standard`, `adaptive`")));
        }
        for (service, url) in self.endpoints.known().into_iter().flatten() {
            check(problems, at("endpoints").attribute(service.clone()), url.as_deref().map(endpoint_url));
        }
        for (name, proxy) in [("http_proxy", &self.http_proxy), ("https_proxy", &self.https_proxy)] {
            let address = proxy.known().map(Secret::expose).filter(|address| !address.is_empty());
            if address.is_some_and(|address| endpoint_url(address).is_err()) {
                // It may hold a password, so it is not quoted.
                problems.push((
                    at(name),
                    "is not the address of a proxy, such as `http://proxy.example:3128`".to_owned(),
                ));
            }
        }
    }
}

fn check_role(problems: &mut Problems, role: &AssumeRole, path: &AttributePath) {
    let below = |name: &'static str| path.clone().attribute(name);
    check(problems, below("role_arn"), role.role_arn.as_deref().map(arn::role));
    check(
        problems,
        below("session_name"),
        role.session_name.as_deref().map(|text| session_word("session_name", text, 64)),
    );
    check(
        problems,
        below("source_identity"),
        role.source_identity.as_deref().map(|text| session_word("source_identity", text, 64)),
    );
    check(problems, below("duration"), role.duration.as_deref().map(session_duration));
    check(problems, below("policy"), role.policy.as_deref().map(session_policy));
    check_policy_arns(problems, &role.policy_arns, &below("policy_arns"));
    tags::read(&role.tags, &below("tags"), problems);
    let tags = role.tags.known();
    for (index, key) in indexed(&role.transitive_tag_keys) {
        if !role.tags.is_unknown() && !tags.is_some_and(|tags| tags.contains_key(key)) {
            problems.push((
                below("transitive_tag_keys").index(index),
                format!("`{key}` is the key of none of the session's tags"),
            ));
        }
    }
}

fn check_web_role(problems: &mut Problems, role: &WebIdentity, path: &AttributePath) {
    let below = |name: &'static str| path.clone().attribute(name);
    check(problems, below("role_arn"), role.role_arn.as_deref().map(arn::role));
    check(
        problems,
        below("session_name"),
        role.session_name.as_deref().map(|text| session_word("session_name", text, 64)),
    );
    check(problems, below("duration"), role.duration.as_deref().map(session_duration));
    check(problems, below("policy"), role.policy.as_deref().map(session_policy));
    check_policy_arns(problems, &role.policy_arns, &below("policy_arns"));
    if role.web_identity_token.is_null() == role.web_identity_token_file.is_null() {
        let message = "exactly one of web_identity_token and web_identity_token_file is to be given";
        problems.push((below("web_identity_token"), message.to_owned()));
    }
}

fn check_policy_arns(problems: &mut Problems, arns: &Val<Texts>, path: &AttributePath) {
    let count = arns.known().map_or(0, Vec::len);
    if count > MOST_POLICIES {
        problems.push((path.clone(), format!("{count} policies are given; STS takes {MOST_POLICIES}")));
    }
    for (index, text) in indexed(arns) {
        check(problems, path.clone().index(index), Some(arn::policy(text)));
    }
}

fn session_duration(text: &str) -> Result<(), String> {
    let length = duration::parse(text)?;
    if (SHORTEST..=LONGEST).contains(&length) {
        Ok(())
    } else {
        Err(format!("`{text}` is not from `15m` to `12h`"))
    }
}

fn session_policy(text: &str) -> Result<(), String> {
    if text.chars().count() > LONGEST_POLICY {
        return Err(format!("the policy has more than {LONGEST_POLICY} characters"));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => Ok(()),
        Ok(_) => Err("the policy is not a JSON object".to_owned()),
        Err(error) => Err(format!("the policy is not JSON: {error}")),
    }
}

fn session_word(name: &str, text: &str, longest: usize) -> Result<(), String> {
    let fits = text.chars().all(|c| c.is_ascii_alphanumeric() || "_=,.@-".contains(c));
    if fits && (2..=longest).contains(&text.len()) {
        return Ok(());
    }
    Err(format!("`{text}` is not a {name} of 2 to {longest} letters, digits and _ = , . @ -"))
}

fn endpoint_url(url: &str) -> Result<(), String> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = host.is_some_and(|host| {
        !host.is_empty() && !host.starts_with('/') && !host.contains(char::is_whitespace)
    });
    if fits {
        Ok(())
    } else {
        Err(format!("`{url}` is not a URL such as `https://sqs.eu-west-1.amazonaws.com`"))
    }
}

fn check(problems: &mut Problems, path: AttributePath, result: Option<Result<(), String>>) {
    problems.extend(result.and_then(Result::err).map(|message| (path, message)));
}

fn at(name: &'static str) -> AttributePath {
    AttributePath::new(name)
}

/// The known elements of a list with their places.
fn indexed(texts: &Val<Texts>) -> impl Iterator<Item = (i64, &str)> {
    let texts = texts.known().into_iter().flatten().zip(0..);
    texts.filter_map(|(text, index)| Some((index, text.as_deref()?)))
}
