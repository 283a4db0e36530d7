"""A range of one version of an object.

Gap: GetObject with both VersionId and Range answers with the whole object, 200.
AWS: 206, the range, and Content-Range.
Patch: cut the range out of the versioned answer with the function that serves ranges otherwise.
"""
from hooks import module, need, wrap


def apply():
    s3 = module("services.s3")
    need(s3, "_parse_range", "_error")

    def get(original, bucket, key, headers, query=None):
        status, answer, body = original(bucket, key, headers, query)
        asked = headers.get("range")
        if status != 200 or not asked or not (query or {}).get("versionId") or "Content-Range" in answer:
            return status, answer, body
        return _cut(s3, asked, answer, body, f"/{bucket}/{key}")

    wrap(s3, "_get_object", get)


def _cut(s3, asked, answer, body, resource):
    found = s3._parse_range(asked, len(body))
    if found is None:
        status, headers, text = s3._error("InvalidRange", "The requested range is not satisfiable", 416, resource)
        return status, {**headers, "Content-Range": f"bytes */{len(body)}"}, text
    start, end = found
    part = body[start:end + 1]
    kept = {name: value for name, value in answer.items() if not name.lower().startswith("x-amz-checksum")}
    return 206, {**kept, "Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{end}/{len(body)}"}, part
