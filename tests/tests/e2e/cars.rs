//! The plugin of a kind of one's own. Its definition is the whole cluster's, so that each test has two for itself.

mod definition;
mod finalizers;

use crate::support::{
    Stage,
    refusal::refusal,
    things::{DEFINITIONS, Kind, Things, marker, text},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sluice_tests::{Lab, eventually};
use std::sync::atomic::{AtomicU32, Ordering};

const CARS: Kind = Kind("example.loft.sh/v1", "Car", "cars");
const DEFINITION: &str = include_str!("../../../plugins/cars/crd.yaml");
/// The copy of `kube-system/test`.
const COPY: &str = "test-x-kube-system-x-my-vcluster";
const CONTROLLED_BY: &str = "vcluster.loft.sh/controlled-by";

/// What the plugin asks for, as the refusal prints it.
const GRANTS: &str = r#"plugins:
  cars:
    grants:
    - {"side":"virtual","group":"example.loft.sh","kind":"Car","verbs":["update","status"]}
    - {"side":"virtual","group":"apiextensions.k8s.io","kind":"CustomResourceDefinition","verbs":["create","update"],"names":["cars.example.loft.sh"]}
    - {"side":"physical","group":"apiextensions.k8s.io","kind":"CustomResourceDefinition","verbs":["create","update"],"names":["cars.example.loft.sh"]}"#;

#[tokio::test]
async fn api_a_car_goes_down_and_its_status_comes_up() -> Result<()> {
    let stage = stage("cars").await?;
    stage.below_in(DEFINITIONS, "").put(definition()?).await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(CARS, "kube-system"), stage.below(CARS));
    definition::copied(&stage.above(DEFINITIONS, ""), &["v1", "v1alpha1"]).await?;
    served(&above).await?;

    let car = above.put(audi("test")).await?;
    let copy = below.appears(COPY).await?;
    assert_eq!(copy["spec"], json!({ "type": "Audi", "seats": 4 }));
    assert_eq!((marker(&copy, "object-name"), marker(&copy, "object-namespace")), ("test", "kube-system"));
    assert_eq!(marker(&copy, "object-uid"), text(&car, "/metadata/uid"));
    assert_eq!(marker(&copy, "object-kind"), "example.loft.sh/v1, Kind=Car");
    let labels = json!({ "vcluster.loft.sh/managed-by": "my-vcluster", "vcluster.loft.sh/namespace": "kube-system" });
    assert_eq!(copy["metadata"]["labels"], labels);

    above.change("test", json!({ "spec": { "seats": 5 } })).await?;
    below.until(COPY, "has another seat", |copy| copy["spec"]["seats"] == 5).await?;
    below.change(COPY, json!({ "spec": { "type": "VW" } })).await?;
    below.until(COPY, "is an Audi again", |copy| copy["spec"]["type"] == "Audi").await?;

    below.change_status(COPY, json!({ "status": { "location": "garage" } })).await?;
    above.until("test", "is in the garage", |car| car["status"]["location"] == "garage").await?;
    // A user's word on it is not sent down, and does not last.
    above.change_status("test", json!({ "status": { "location": "moon" } })).await?;
    above.until("test", "is in the garage still", |car| car["status"]["location"] == "garage").await?;
    assert_eq!(below.appears(COPY).await?["status"], json!({ "location": "garage" }));

    // The definition's other version is the same Car.
    let old = Kind("example.loft.sh/v1alpha1", "Car", "cars");
    stage.above(old, "kube-system").change("test", json!({ "spec": { "seats": 2 } })).await?;
    below.until(COPY, "has two seats", |copy| copy["spec"]["seats"] == 2).await?;

    let first = below.appears(COPY).await?;
    below.delete(COPY).await?;
    let other = |copy: &Value| copy["metadata"]["uid"] != first["metadata"]["uid"];
    below.until(COPY, "is made again", other).await?;
    above.until("test", "is nowhere, as nobody said where the new one is", |car| car["status"].is_null()).await?;

    hands_off(&stage, &above, &below).await?;
    above.delete("test").await?;
    below.goes(COPY).await
}

/// Either half may say that somebody else takes care of it.
async fn hands_off(stage: &Stage, above: &Things, below: &Things) -> Result<()> {
    let controlled = |by: Value| json!({ "metadata": { "labels": { CONTROLLED_BY: by } } });
    for side in [above, below] {
        let name = if std::ptr::eq(side, above) { "test" } else { COPY };
        side.change(name, controlled("somebody".into())).await?;
        barrier(stage).await?;
        let before = below.appears(COPY).await?;
        above.change("test", json!({ "spec": { "seats": 7 } })).await?;
        below.change_status(COPY, json!({ "status": { "location": "street" } })).await?;
        barrier(stage).await?;
        assert_eq!(below.appears(COPY).await?["spec"], before["spec"]);
        assert_eq!(above.appears("test").await?["status"], before["status"]);

        side.change(name, controlled(Value::Null)).await?;
        below.until(COPY, "has seven seats", |copy| copy["spec"]["seats"] == 7).await?;
        above.until("test", "is in the street", |car| car["status"]["location"] == "street").await?;
        above.change("test", json!({ "spec": { "seats": 4 } })).await?;
        below.change_status(COPY, json!({ "status": { "location": "garage" } })).await?;
        below.until(COPY, "has four seats", |copy| copy["spec"]["seats"] == 4).await?;
        above.until("test", "is in the garage", |car| car["status"]["location"] == "garage").await?;
    }
    Ok(())
}

#[tokio::test]
async fn cli_cars_start_only_with_what_they_ask_for() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("cars_grants").await?, &["cars"], "")?;
    let said = refusal(&stage).await?;
    let (asked, yaml) =
        said.split_once("leave it out, or grant this in the file that --config names:\n").context(said.clone())?;
    let asked: Vec<&str> = asked.lines().skip(1).collect();
    assert_eq!(
        asked,
        [
            "  update, update the status of virtual example.loft.sh/Car",
            "  create, update virtual apiextensions.k8s.io/CustomResourceDefinition named cars.example.loft.sh",
            "  create, update physical apiextensions.k8s.io/CustomResourceDefinition named cars.example.loft.sh",
        ]
    );
    assert_eq!(yaml, GRANTS);
    stage.configure(yaml)?;
    stage.start().await?;
    Ok(())
}

/// Two clusters of its own, in which nobody knows of cars.
async fn stage(test_name: &str) -> Result<Stage> {
    Stage::with_plugins(Lab::alone(test_name).await?, &["cars"], GRANTS)
}

fn definition() -> Result<Value> {
    Ok(serde_saphyr::from_str(DEFINITION)?)
}

fn audi(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "type": "Audi", "seats": 4 } })
}

/// Waits until Cars are served.
async fn served(cars: &Things) -> Result<()> {
    eventually("cars are served", async || cars.names().await.map(drop)).await
}

/// Waits until what happened before, on either side, has been seen by the runtime.
async fn barrier(stage: &Stage) -> Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let (above, below) = (stage.above(CARS, "default"), stage.below(CARS));
    let name = format!("barrier-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let copy_name = format!("{name}-x-default-x-my-vcluster");
    above.put(audi(&name)).await?;
    let copy = below.appears(&copy_name).await?;
    below.delete(&copy_name).await?;
    let other = |again: &Value| again["metadata"]["uid"] != copy["metadata"]["uid"];
    below.until(&copy_name, "is made again", other).await.map(drop)
}
