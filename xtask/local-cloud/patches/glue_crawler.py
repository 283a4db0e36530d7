"""Tags given when a crawler is created, and the defaults AWS fills in.

Gap: ministack drops `Tags` of CreateCrawler and returns empty policies where none was given.
AWS: GetTags returns the tags; GetCrawler returns the default schema-change, recrawl and lineage settings.
Patch: after a successful create, store both.
"""
from hooks import module, need, wrap

DEFAULTS = {
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
}


def apply():
    glue = module("services.glue")
    need(glue, "_crawlers", "_tags", "_arn")

    def create(original, data):
        response = original(data)
        if response[0] < 300:
            crawler = glue._crawlers[data["Name"]]
            crawler.update({name: value for name, value in DEFAULTS.items() if not crawler.get(name)})
            if data.get("Tags"):
                glue._tags[glue._arn("crawler", data["Name"])] = dict(data["Tags"])
        return response

    wrap(glue, "_create_crawler", create)
