//! Spans, as a collector gets them.

use crate::support::{STARTED, Stage, blue, collector::Collector, stop};
use anyhow::{Context, Result};
use sluice_tests::{Lab, Sluice};

async fn traced(test_name: &str, collector: &Collector, plugins: &[&str]) -> Result<Stage> {
    let mut lab = Lab::take(test_name).await?;
    lab.variables.extend(collector.variables());
    Stage::with_plugins(lab, plugins, "")
}

#[tokio::test]
async fn api_a_piece_of_work_is_a_span_and_so_are_its_parts() -> Result<()> {
    let mut collector = Collector::absent()?;
    collector.start().await?;
    let stage = traced("traces_work", &collector, &["configmaps"]).await?;
    let sluice = stage.start().await?;
    let mut object = blue("settings");
    object["data"]["password"] = "hunter2".into();
    stage.copied(&stage.create(object).await?).await?;

    let work =
        collector.sees("the work", |span| span.is("sync configmaps/configmaps", "sluice.key", "default/settings"));
    let work = work.await?;
    assert!(work.parent.is_empty() && !work.failed, "{work:?}");
    assert_eq!(
        (&work.resource["service.name"], &work.resource["service.version"]),
        (&"sluice".into(), &env!("CARGO_PKG_VERSION").into())
    );
    assert!(work.attributes["sluice.waited_ms"].is_string(), "{work:?}");
    let copy = format!("{}/settings-x-default-x-my-vcluster", stage.lab.target_namespace);
    let write = collector.sees("the write", |span| span.is("create ConfigMap", "sluice.object", &copy)).await?;
    assert_eq!(write.parent, work.id);
    let call = collector.sees("the call", |span| span.name == "sync-down" && span.parent == work.id).await?;
    let fuel: u64 = call.attributes["sluice.fuel"].as_str().context("no fuel")?.parse()?;
    assert!(fuel > 1_000, "{call:?}");
    collector.sees("loading", |span| span.is("load", "sluice.plugin", "configmaps")).await?;

    // At the end nothing that was made is lost.
    let last = stage.create(blue("last")).await?;
    stage.copied(&last).await?;
    stop(sluice).await?;
    let spans = collector.spans()?;
    assert!(spans.iter().any(|span| span.attributes["sluice.key"] == "default/last"), "{spans:?}");
    assert!(!collector.text()?.contains("hunter2"), "what an object holds is no one's business");
    Ok(())
}

#[tokio::test]
async fn api_what_fails_is_a_span_with_the_reason() -> Result<()> {
    let mut collector = Collector::absent()?;
    collector.start().await?;
    let stage = traced("traces_failure", &collector, &["configmaps"]).await?;
    let _sluice = stage.start().await?;
    stage.put(&blue("taken-x-default-x-my-vcluster")).await?;
    stage.create(blue("taken")).await?;
    let failed = collector.sees("a failure", |span| span.failed && span.name.starts_with("sync ")).await?;
    assert_eq!(failed.attributes["sluice.reason"], "occupied", "{failed:?}");
    Ok(())
}

#[tokio::test]
async fn api_without_its_collector_all_goes_on_and_one_that_comes_is_found() -> Result<()> {
    let mut collector = Collector::absent()?;
    let stage = traced("traces_absent", &collector, &["configmaps"]).await?;
    let mut sluice = stage.start().await?;
    stage.copied(&stage.create(blue("early")).await?).await?;
    sluice.wait_for_line("spans do not reach their collector").await?;
    collector.start().await?;
    let mut count = 0;
    sluice_tests::eventually("spans arrive", async || -> Result<bool> {
        count += 1;
        stage.create(blue(&format!("late-{count}"))).await?;
        Ok(!collector.spans()?.is_empty())
    })
    .await?;
    sluice.wait_for_line("spans reach their collector again").await?;
    assert_eq!(sluice.logs().matches("spans do not reach").count(), 1, "it is said once");
    stop(sluice).await?;
    Ok(())
}

#[tokio::test]
async fn cli_run_says_what_is_wrong_with_where_spans_go() -> Result<()> {
    for (variable, value, said) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "this speaks http/protobuf, which collectors take at port 4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "not a url", "OTEL_EXPORTER_OTLP_*"),
    ] {
        let collector = Collector::absent()?;
        let mut stage = traced("traces_wrong", &collector, &["configmaps"]).await?;
        stage.lab.variables.push((variable, value.into()));
        let mut sluice: Sluice = stage.launch()?;
        sluice.wait_for_line(said).await?;
        assert!(!sluice.logs().contains(STARTED));
    }
    Ok(())
}
