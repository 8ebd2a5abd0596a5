//! The CustomResourceDefinition comes and goes while the runtime runs.

use super::{CARS, COPY, audi, definition, served, stage};
use crate::support::things::{DEFINITIONS, Things};
use anyhow::Result;
use serde_json::{Value, json};

const NAME: &str = "cars.example.loft.sh";

#[tokio::test]
async fn api_the_definition_of_cars_is_kept_on_both_sides_as_it_comes_and_goes() -> Result<()> {
    let stage = stage("definition").await?;
    let mut sluice = stage.start().await?;
    let (above, below) = (stage.above(DEFINITIONS, ""), stage.below_in(DEFINITIONS, ""));
    let (cars, copies) = (stage.above(CARS, "kube-system"), stage.below(CARS));

    // A user installs it: it is copied down, and what it defines is synced without a restart.
    above.put(definition()?).await?;
    copied(&below, &["v1", "v1alpha1"]).await?;
    served(&cars).await?;
    cars.put(audi("test")).await?;
    copies.appears(COPY).await?;

    // It gets another version.
    let mut versions = definition()?["spec"]["versions"].clone();
    let mut newer = versions[1].clone();
    newer["name"] = "v2".into();
    versions.as_array_mut().into_iter().for_each(|all| all.push(newer.clone()));
    above.change(NAME, json!({ "spec": { "versions": versions } })).await?;
    copied(&below, &["v1", "v1alpha1", "v2"]).await?;
    served(&stage.below(crate::support::things::Kind("example.loft.sh/v2", "Car", "cars"))).await?;

    // It goes, and all cars with it. What is copied does not make it come back.
    above.delete(NAME).await?;
    above.goes(NAME).await?;
    below.delete(NAME).await?;
    below.goes(NAME).await?;
    sluice.wait_for_line("it waits until that is so").await?;
    assert_eq!(sluice.ended()?, None);

    // The operator installs it: this time it is copied up.
    below.put(definition()?).await?;
    let copy = copied(&above, &["v1", "v1alpha1"]).await?;
    assert_eq!(copy["spec"]["versions"].as_array().map(Vec::len), Some(2));
    served(&cars).await?;
    cars.put(audi("test")).await?;
    copies.appears(COPY).await?;
    cars.change("test", json!({ "spec": { "seats": 2 } })).await?;
    copies.until(COPY, "has two seats", |copy| copy["spec"]["seats"] == 2).await?;

    // A user deletes the copy, and all cars with it: it comes back, they do not.
    above.delete(NAME).await?;
    let anew = |found: &Value| found["metadata"]["uid"] != copy["metadata"]["uid"];
    above.until(NAME, "is copied again", anew).await?;
    copies.goes(COPY).await?;
    served(&cars).await?;
    assert_eq!(cars.names().await?, Vec::<String>::new());
    assert_eq!(sluice.ended()?, None);
    Ok(())
}

/// Waits until the definition stands here as a copy with these versions, all of them served.
pub(super) async fn copied(definitions: &Things, versions: &[&str]) -> Result<Value> {
    let served = |found: &Value| -> Vec<String> {
        let all = found["spec"]["versions"].as_array().into_iter().flatten();
        all.filter(|version| version["served"] == true)
            .filter_map(|version| version["name"].as_str().map(Into::into))
            .collect()
    };
    let what = format!("is a copy with {versions:?}");
    let is_copy = |found: &Value| {
        found["metadata"]["labels"]["vcluster.loft.sh/managed-by"].is_string() && served(found) == versions
    };
    definitions.until(NAME, &what, is_copy).await
}
