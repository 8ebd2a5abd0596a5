//! Whatever is wrong with an answer, it is one counted error that says whose, about what and why; and nothing of it is
//! carried out.

use super::siege::Siege;
use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use sluice_tests::eventually;

#[tokio::test]
async fn hostile_nonsense_is_one_error_and_nothing_else() -> Result<()> {
    let siege = Siege::lay("hostile-nonsense").await?;
    let deep = format!(r#"{{"metadata":{{"name":"a"}},"data":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    let cases = [
        ("whole", "{", "not JSON (line 1, column 1)"),
        ("whole", "[]", "it is no JSON object"),
        ("whole", &deep, "not JSON"),
        ("whole", r#"{"metadata":{"name":"a"},"data":1e999}"#, "not JSON"),
        ("whole", r#"{"kind":"ConfigMap","metadata":{"name":"a"}}"#, "is a v1 ConfigMap; it should be a v1 Secret"),
        ("whole", r#"{"metadata":{}}"#, "has no metadata.name"),
        ("whole", r#"{"metadata":{"name":"a","labels":7}}"#, "a field has a wrong type"),
        ("patch", r#"{"metadata":{"name":null}}"#, "has no metadata.name"),
        ("field", "data", "has no place \"data\""),
        ("twice", "", "asked twice for the physical object"),
        ("virtual", "", "update virtual v1 Secret default/"),
        ("status", "", "update the status of virtual v1 Secret default/"),
        ("remove", "", "delete virtual v1 Secret default/"),
        ("apply", "", "create virtual v1 ConfigMap kube-system/nonsense"),
        ("apply-below", "", "create physical v1 ConfigMap kube-system/nonsense"),
        ("delete", "", "delete physical v1 ConfigMap kube-system/nonsense"),
        ("many", "", "things at once; the limit is 64"),
    ];
    for (at, (way, said, why)) in cases.iter().enumerate() {
        let name = format!("case-{at}");
        let object: Secret = serde_json::from_value(json!({ "metadata": { "name": name }, "data": { "a": "MQ==" } }))?;
        let object = siege.virtual_secrets().create(&PostParams::default(), &object).await?;
        let copy_name = format!("{name}-x-default-x-my-vcluster");
        let copies = siege.physical_secrets();
        let copy = eventually("there is a copy", async || copies.get_opt(&copy_name).await).await?;
        // The annotations come with a change that would be good.
        let patch = json!({ "metadata": { "annotations": { "way": way, "said": said } }, "data": { "a": "Mg==" } });
        siege.virtual_secrets().patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await?;

        let note = siege.warned(&object).await?.note.unwrap_or_default();
        let refused = "Error syncing: the answer of plugin hostile-nonsense is refused: ";
        ensure!(note.starts_with(refused) && note.contains(why), "{way} {said}: {note}");
        let told = siege.told(&name)?;
        assert_eq!((&told["plugin"], &told["key"]), (&json!("hostile-nonsense"), &json!(format!("default/{name}"))));
        assert_eq!((&told["level"], &told["reason"]), (&json!("WARN"), &json!("refused")));
        let now = copies.get(&copy_name).await?;
        assert_eq!((now.uid(), now.resource_version()), (copy.uid(), copy.resource_version()), "{way} {said}");
    }
    siege.neighbour_works().await?;

    // Not a request came of it.
    let mut writes = siege.secrets_written()?;
    writes.retain(|(verb, _)| verb != "create");
    assert_eq!(writes, []);
    for client in [&siege.stage.lab.virtual_client, &siege.stage.lab.physical_client] {
        let maps: Api<k8s_openapi::api::core::v1::ConfigMap> = Api::namespaced(client.clone(), "kube-system");
        let all = maps.list(&ListParams::default()).await?;
        ensure!(all.iter().all(|map| map.name_any() != "nonsense"), "{:?}", all.items);
    }
    let totals = siege.lift().await?;
    let (writes, failures) = totals("hostile-nonsense")?;
    assert_eq!(writes["patch"], Value::Null, "{writes}");
    ensure!(failures["refused"].as_u64().is_some_and(|count| count >= cases.len() as u64), "{failures}");
    assert_eq!(totals("configmaps")?.1, json!({}));
    Ok(())
}
