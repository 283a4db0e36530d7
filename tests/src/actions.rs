//! What a call asks IAM for.

/// The IAM actions of a call, `service:Operation` as the call log has it; most have its name.
#[must_use]
pub fn actions_of(call: &str) -> Vec<&str> {
    match call {
        "lambda:GetLayerVersionByArn" => vec!["lambda:GetLayerVersion"],
        "s3:DeleteBucketLifecycle" | "s3:PutBucketLifecycleConfiguration" => {
            vec!["s3:PutLifecycleConfiguration"]
        }
        "s3:DeleteObjects" => vec!["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "s3:GetBucketEncryption" => vec!["s3:GetEncryptionConfiguration"],
        "s3:GetBucketLifecycleConfiguration" => vec!["s3:GetLifecycleConfiguration"],
        "s3:GetBucketNotificationConfiguration" => vec!["s3:GetBucketNotification"],
        "s3:GetPublicAccessBlock" => vec!["s3:GetBucketPublicAccessBlock"],
        "s3:ListMultipartUploads" => vec!["s3:ListBucketMultipartUploads"],
        "s3:ListObjectVersions" => vec!["s3:ListBucketVersions"],
        "s3:PutBucketEncryption" => vec!["s3:PutEncryptionConfiguration"],
        "s3:PutBucketNotificationConfiguration" => vec!["s3:PutBucketNotification"],
        "s3:PutPublicAccessBlock" => vec!["s3:PutBucketPublicAccessBlock"],
        "tagging:GetResources" => vec!["tag:GetResources"],
        call => vec![call],
    }
}
