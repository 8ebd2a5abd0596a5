//! What keeps interceptors from being started, and what does not.

use super::CONFIG;
use crate::support::{
    STARTED, Stage,
    refusal::{gives_up, refusal},
};
use anyhow::Result;
use sluice_tests::Lab;
use std::{fs, net::TcpListener};

#[tokio::test]
async fn cli_interceptors_have_to_be_granted() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("intercept_grants").await?, &["pod-interceptor"], "")?;
    let file = stage.plugin_folder().join("pod_interceptor.wasm").display().to_string();
    let expected = format!(
        "{file}: plugin \"pod-interceptor\" asks for what it is not granted:\n  \
           answer get of pods in any API group\n\
         leave it out, or grant this in the file that --config names:\n\
         plugins:\n  pod-interceptor:\n    interceptors:\n    \
           - {{\"apiGroups\":[\"*\"],\"resources\":[\"pods\"],\"verbs\":[\"get\"]}}"
    );
    assert_eq!(refusal(&stage).await?, expected);

    // Some is not all.
    stage.configure(&CONFIG.replace("apiGroups: ['*']", "apiGroups: ['', apps]"))?;
    assert_eq!(refusal(&stage).await?, expected);

    // What it says is what grants it.
    let (_, lines) = expected.split_once("names:\n").unwrap_or_default();
    stage.configure(lines)?;
    stage.start().await?;
    Ok(())
}

#[tokio::test]
async fn cli_two_interceptors_of_one_request_are_both_named() -> Result<()> {
    let also = CONFIG
        .replace("hostile-intercept:", "also:")
        .replace("nonResourceURLs: ['*']", "apiGroups: ['*'], resources: ['*']");
    let stage = Stage::with_plugins(Lab::take("intercept_conflict").await?, &["pod-interceptor"], &also)?;
    fs::copy(stage.plugin_folder().join("pod_interceptor.wasm"), stage.plugin_folder().join("also.wasm"))?;
    let expected = "interceptors \"also/testinterceptor\" and \"pod-interceptor/testinterceptor\" both answer \
                    get of pods in any API group; remove one of them, \
                    or let them take different resources, names, verbs or URLs";
    assert_eq!(refusal(&stage).await?, expected);
    Ok(())
}

#[tokio::test]
async fn cli_a_port_that_is_in_use_is_named_with_its_flag() -> Result<()> {
    let stage = Stage::with_plugins(Lab::take("intercept_port").await?, &["pod-interceptor"], CONFIG)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let said = gives_up(stage.launch_with(&["--interceptors", &address])?).await?;
    let expected = format!(
        "interceptors cannot listen at {address}: Address already in use (os error 98); \
         name another address with --interceptors"
    );
    assert_eq!(said, expected);
    Ok(())
}

#[tokio::test]
async fn cli_no_port_is_opened_where_no_plugin_answers() -> Result<()> {
    let stage = Stage::take("intercept_closed").await?;
    // Were it opened, it could not be.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut sluice = stage.launch_with(&["--interceptors", &listener.local_addr()?.to_string()])?;
    sluice.wait_for_line(STARTED).await?;
    assert_eq!(sluice.stderr.find("interceptors listen"), None);
    Ok(())
}
