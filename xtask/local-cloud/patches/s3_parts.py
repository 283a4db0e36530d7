"""Parts of a multipart upload have a least size.

Gap: parts of any size are accepted.
AWS: CompleteMultipartUpload answers EntityTooSmall when a part other than the last is under 5 MiB.
Patch: look at the parts named before completing.
"""
import re

from hooks import module, need, wrap

LEAST = 5 * 1024 * 1024
NUMBER = re.compile(rb"<PartNumber>\s*(\d+)\s*</PartNumber>")


def apply():
    s3 = module("services.s3")
    need(s3, "_multipart_uploads", "_error", "_qp")

    def complete(original, bucket, key, body, query, headers=None):
        stored = s3._multipart_uploads.get(s3._qp(query, "uploadId"), {}).get("parts", {})
        numbers = sorted(int(number) for number in NUMBER.findall(body))
        if any(len(stored[number]["body"]) < LEAST for number in numbers[:-1] if number in stored):
            return s3._error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
                             f"/{bucket}/{key}")
        return original(bucket, key, body, query, headers)

    wrap(s3, "_complete_multipart_upload", complete)
