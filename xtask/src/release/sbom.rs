//! The bill of materials in the form of CycloneDX 1.5: the crates, their checksums, licences and who uses whom.
//!
//! It holds no time and no random serial number, so that the same sources give the same bytes.

use serde_json::{Value, json};

use super::inventory::{Inventory, Part};
use crate::artifacts::PROVIDER;
use crate::repo::VERSION;

/// The document.
#[must_use]
pub fn cyclonedx(inventory: &Inventory) -> Value {
    let parts = &inventory.parts;
    let product = json!({
        "type": "application", "bom-ref": PRODUCT, "name": PROVIDER, "version": VERSION,
        "licenses": [{"expression": "Apache-2.0"}],
    });
    let own: Vec<String> = parts.iter().filter(|part| part.ours).map(address).collect();
    let edges = parts.iter().map(|part| {
        let uses: Vec<String> = part.uses.iter().filter_map(|index| parts.get(*index)).map(address).collect();
        json!({"ref": address(part), "dependsOn": uses})
    });
    let whole = std::iter::once(json!({"ref": PRODUCT, "dependsOn": own}));
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": product},
        "components": parts.iter().map(component).collect::<Vec<_>>(),
        "dependencies": whole.chain(edges).collect::<Vec<_>>(),
    })
}

/// The reference of the whole, which is no crate.
const PRODUCT: &str = "release";

/// The package URL, which names a crate anywhere.
fn address(part: &Part) -> String {
    format!("pkg:cargo/{}@{}", part.name, part.version)
}

fn component(part: &Part) -> Value {
    let address = address(part);
    let mut component = json!({
        "type": "library", "bom-ref": address, "name": part.name, "version": part.version, "purl": address,
    });
    if let Some(licence) = &part.licence {
        component["licenses"] = json!([{"expression": licence}]);
    }
    if let Some(checksum) = &part.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    if let Some(repository) = &part.repository {
        component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::super::inventory::tests::small;
    use super::*;

    #[test]
    fn every_reference_is_to_a_component() {
        let document = cyclonedx(&small());
        let references = |list: &Value, name: &str| -> Vec<String> {
            let entries = list.as_array().into_iter().flatten();
            entries.filter_map(|entry| entry[name].as_str().map(str::to_owned)).collect()
        };
        let mut known = references(&document["components"], "bom-ref");
        known.insert(0, PRODUCT.to_owned());
        assert_eq!(references(&document["dependencies"], "ref"), known);
        assert_eq!(
            document["dependencies"][0]["dependsOn"],
            json!(["pkg:cargo/terraform-provider-datalake@0.1.0"])
        );
        assert_eq!(document["dependencies"][1]["dependsOn"], json!(["pkg:cargo/b@1.0.0"]));
        assert_eq!(document["components"][2]["hashes"][0]["content"], "beef");
    }
}
