//! Finalizers of either half hold both.

use super::{CARS, COPY, audi, definition, served, stage};
use crate::support::things::{DEFINITIONS, Things};
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn api_a_car_and_its_copy_are_held_by_finalizers_of_either_side() -> Result<()> {
    let stage = stage("held").await?;
    stage.above(DEFINITIONS, "").put(definition()?).await?;
    let _sluice = stage.start().await?;
    let (above, below) = (stage.above(CARS, "kube-system"), stage.below(CARS));
    served(&above).await?;

    // Below: the virtual car waits for the physical one's controller.
    above.put(audi("test")).await?;
    below.appears(COPY).await?;
    hold(&below, COPY, "example.com/below").await?;
    above.until("test", "is held", |car| holds(car, "example.com/below")).await?;
    above.delete("test").await?;
    for (side, name) in [(&above, "test"), (&below, COPY)] {
        side.until(name, "is going, and held", |car| going(car) && holds(car, "example.com/below")).await?;
    }
    release(&below, COPY).await?;
    above.goes("test").await?;
    below.goes(COPY).await?;

    // Above: the physical car waits for the virtual one's controller.
    above.put(audi("test")).await?;
    hold(&above, "test", "example.com/above").await?;
    let copy = below.until(COPY, "is held", |copy| holds(copy, "example.com/above")).await?;
    // But nothing holds a copy that shall only be made anew.
    below.delete(COPY).await?;
    let anew = |copy: &Value, before: &Value| copy["metadata"]["uid"] != before["metadata"]["uid"];
    below
        .until(COPY, "is made again, and held", |again| anew(again, &copy) && holds(again, "example.com/above"))
        .await?;

    above.delete("test").await?;
    below.until(COPY, "is going, and held", |copy| going(copy) && holds(copy, "example.com/above")).await?;
    release(&above, "test").await?;
    above.goes("test").await?;
    below.goes(COPY).await?;

    // Of both sides: what one lets go the other still holds.
    above.put(audi("test")).await?;
    hold(&above, "test", "example.com/above").await?;
    below.until(COPY, "is held", |copy| holds(copy, "example.com/above")).await?;
    below.change(COPY, finalizers(json!(["example.com/above", "example.com/below"]))).await?;
    above.until("test", "is held twice", |car| holds(car, "example.com/below")).await?;
    above.change("test", finalizers(json!(["example.com/below"]))).await?;
    below.until(COPY, "is held by its own alone", |copy| !holds(copy, "example.com/above")).await?;
    assert!(holds(&below.appears(COPY).await?, "example.com/below"));
    release(&below, COPY).await?;
    above.until("test", "is free", |car| !holds(car, "example.com/below")).await?;
    above.delete("test").await?;
    above.goes("test").await?;
    below.goes(COPY).await
}

fn finalizers(all: Value) -> Value {
    json!({ "metadata": { "finalizers": all } })
}

async fn hold(cars: &Things, name: &str, finalizer: &str) -> Result<()> {
    cars.change(name, finalizers(json!([finalizer]))).await.map(drop)
}

async fn release(cars: &Things, name: &str) -> Result<()> {
    cars.change(name, finalizers(Value::Null)).await.map(drop)
}

fn holds(car: &Value, finalizer: &str) -> bool {
    car["metadata"]["finalizers"].as_array().is_some_and(|all| all.contains(&finalizer.into()))
}

fn going(car: &Value) -> bool {
    car["metadata"]["deletionTimestamp"].is_string()
}
