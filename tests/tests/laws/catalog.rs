//! Cases of databases, catalogue tables, crawlers and workgroups.

use terraform_provider_datalake::aws::Scope;
use terraform_provider_datalake::aws::tags::OWNER_KEY;
use terraform_provider_datalake::components::Component as _;
use terraform_provider_datalake::components::catalog_table::{CatalogColumn, CatalogTable};
use terraform_provider_datalake::components::crawler::Crawler;
use terraform_provider_datalake::components::database::Database;
use terraform_provider_datalake::components::role::Role;
use terraform_provider_datalake::components::workgroup::Workgroup;

use crate::case::{Case, case, key, other_tags, tags, text};
use crate::compute::role;

/// The database before its table, roles and both before the crawler.
pub fn cases(scope: &Scope) -> Vec<Case> {
    let [role, other_role] = roles();
    let other_database = Database { database_name: text("laws_other"), ..database() };
    vec![
        database_case(),
        case(other_database).into(),
        catalog_table_case(),
        case(role).into(),
        case(other_role.clone()).into(),
        crawler_case(scope, &other_role),
        workgroup_case(scope),
    ]
}

fn database_case() -> Case {
    case(database())
        .fixed("database_name", "its name")
        .vary(|it| it.description = text("Other."))
        .vary(|it| it.location = text("s3://other/"))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn catalog_table_case() -> Case {
    case(catalog_table())
        .fixed("database_name", "where it is")
        .fixed("table_name", "its name")
        .vary(|it| it.description = text("Other."))
        .vary(|it| it.location = text("s3://other/"))
        .vary(|it| it.columns.reverse())
        .vary(|it| it.columns[0].column_type = text("bigint"))
        .vary(|it| it.columns[0].comment.clear())
        .vary(|it| it.partition_keys.clear())
        .vary(|it| drop(it.parameters.insert(text("projection.day.type"), text("date"))))
        .vary(|it| drop(it.parameters.remove("projection.enabled")))
        .into()
}

fn crawler_case(scope: &Scope, other_role: &Role) -> Case {
    case(crawler(scope))
        .fixed("crawler_name", "its name")
        .vary(|it| it.role_arn = other_role.arn(scope))
        .vary(|it| it.database_name = text("laws_other"))
        .vary(|it| it.table_names.insert(0, text("other")))
        .vary(|it| it.schedule.clear())
        .vary(|it| it.schedule = text("cron(0 1 * * ? *)"))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn workgroup_case(scope: &Scope) -> Case {
    case(workgroup())
        .fixed("workgroup_name", "its name")
        .vary(|it| it.result_location = text("s3://other/"))
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.tags = other_tags())
        .into()
}

/// The crawler's role, and another.
fn roles() -> [Role; 2] {
    ["laws-crawler", "laws-other-crawler"].map(|name| role(name, &["glue.amazonaws.com"]))
}

fn database() -> Database {
    Database {
        database_name: text("laws"),
        description: text("Accepted rows."),
        location: text("s3://laws-processed/validated/"),
        tags: tags(),
    }
}

/// A table of accepted rows.
pub fn catalog_table() -> CatalogTable {
    let location = text("s3://laws-processed/validated/dataset=readings/");
    let column = |name: &str, column_type: &str, comment: &str| CatalogColumn {
        name: text(name),
        column_type: text(column_type),
        comment: text(comment),
    };
    CatalogTable {
        database_name: database().database_name,
        table_name: text("readings"),
        description: text("Accepted rows of readings."),
        columns: vec![column("device_id", "string", "who"), column("value", "double", "")],
        partition_keys: vec![column("day", "date", "")],
        parameters: [
            (text("classification"), text("parquet")),
            (text("EXTERNAL"), text("TRUE")),
            (text("projection.enabled"), text("true")),
            (text("storage.location.template"), format!("{location}day=${{day}}/")),
            (text(OWNER_KEY), tags().remove(OWNER_KEY).unwrap_or_default()),
        ]
        .into(),
        location,
    }
}

/// What crawls that table.
pub fn crawler(scope: &Scope) -> Crawler {
    let [role, _] = roles();
    Crawler {
        crawler_name: text("laws-crawler"),
        role_arn: role.arn(scope),
        database_name: database().database_name,
        table_names: vec![catalog_table().table_name],
        schedule: text("cron(0 */6 * * ? *)"),
        tags: tags(),
    }
}

/// Where queries are made.
pub fn workgroup() -> Workgroup {
    Workgroup {
        workgroup_name: text("laws"),
        result_location: text("s3://laws-processed/_athena/"),
        kms_key_arn: None,
        tags: tags(),
    }
}
