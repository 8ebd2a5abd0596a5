//! Registries behind a proxy that the environment names.

use super::{
    built, plugin_with,
    proxy::Proxy,
    registry::{Registry, Wants},
    running::runs,
};
use crate::{
    cli::Ran,
    support::{STARTED, Stage, log, stop},
};
use anyhow::{Result, ensure};
use serde_json::Value;
use sluice_tests::{Lab, folder::Folder};
use std::fs;

/// A registry with TLS and an authority of its own, the plugin that it has, and a place for what is pulled.
struct Bench {
    registry: Registry,
    folder: Folder,
    image: String,
    ca: String,
}

impl Bench {
    async fn new() -> Result<Self> {
        let registry = Registry::start(Wants::Tls).await?;
        let (image, ca) = (registry.image("plugins/configmaps:1"), registry.ca().display().to_string());
        let bench = Self { registry, folder: Folder::new("sluice-proxied-")?, image, ca };
        Ok(bench)
    }

    /// What goes there, in this environment.
    fn push(&self, environment: &[(&str, &str)]) -> Result<Ran> {
        let file = built("configmaps")?.0.display().to_string();
        plugin_with(environment, &["push", &file, &self.image, "--ca", &self.ca])
    }

    /// What comes from there; nothing is left behind.
    fn pull(&self, environment: &[(&str, &str)]) -> Result<Ran> {
        let file = self.folder.path().join("pulled.wasm");
        let output = file.display().to_string();
        let ran = plugin_with(environment, &["pull", &self.image, "--ca", &self.ca, "-o", &output])?;
        if ran.code == 0 {
            ensure!(fs::read(&file)? == built("configmaps")?.1, "other bytes");
            fs::remove_file(file)?;
        }
        Ok(ran)
    }

    /// What is said of an image that is not had.
    fn problem(&self, environment: &[(&str, &str)]) -> Result<String> {
        let ran = self.pull(environment)?;
        ensure!(ran.code == 1 && ran.stdout.is_empty() && ran.stderr.lines().count() == 1, "{ran:?}");
        ensure!(!ran.stderr.contains("hunter") && !ran.stderr.contains("user:"), "{}", ran.stderr);
        Ok(ran.stderr)
    }
}

fn had(ran: Ran) -> Result<()> {
    ensure!(ran.code == 0 && ran.stderr.is_empty(), "{ran:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cli_registries_are_reached_through_the_proxy_of_the_environment() -> Result<()> {
    let (bench, proxy) = (Bench::new().await?, Proxy::start().await?);
    let (url, tunnel) = (proxy.url("hunter2"), format!("CONNECT {}", bench.registry.at));
    had(bench.push(&[("HTTPS_PROXY", &url)])?)?;
    assert_eq!(proxy.passed().first(), Some(&tunnel));
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        had(bench.pull(&[(variable, &url)])?)?;
        // One connection does for manifest and layer.
        assert_eq!(proxy.passed(), [&*tunnel], "{variable}");
        for without in ["NO_PROXY", "no_proxy"] {
            had(bench.pull(&[(variable, &url), (without, "localhost,127.0.0.0/8")])?)?;
            assert_eq!(proxy.passed().len(), 0, "{without}");
        }
    }
    had(bench.pull(&[("HTTP_PROXY", &url)])?)?;
    assert_eq!(proxy.passed().len(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cli_a_proxy_may_itself_speak_tls() -> Result<()> {
    let bench = Bench::new().await?;
    let proxy = Proxy::start_tls(&bench.registry).await?;
    let url = proxy.url("hunter2").replacen("http:", "https:", 1);
    had(bench.push(&[("HTTPS_PROXY", &url)])?)?;
    had(bench.pull(&[("HTTPS_PROXY", &url)])?)?;
    let tunnel = format!("CONNECT {}", bench.registry.at);
    let passed = proxy.passed();
    assert!(passed.len() >= 2 && passed.iter().all(|passed| *passed == tunnel), "{passed:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cli_what_is_without_tls_has_a_proxy_of_its_own() -> Result<()> {
    let (registry, proxy) = (Registry::start(Wants::Nothing).await?, Proxy::start().await?);
    let (image, at) = (registry.image("configmaps:1"), registry.at.to_string());
    let file = built("configmaps")?.0.display().to_string();
    let push = |url: &str| plugin_with(&[("http_proxy", url)], &["push", &file, &image, "--insecure", &at]);
    had(push(&proxy.url("hunter2"))?)?;
    // Such requests are not tunnelled: they go to the proxy, and say where to.
    assert_eq!(proxy.passed().first(), Some(&format!("HEAD {at}")));
    let ran = push(&proxy.url("hunter3"))?;
    let said =
        format!("the proxy {} does not lead there: it wants other credentials; put right what http_proxy", proxy.at);
    assert!(ran.code == 1 && ran.stderr.contains(&said) && !ran.stderr.contains("hunter"), "{ran:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cli_a_proxy_that_leads_nowhere_is_named_and_its_password_is_not() -> Result<()> {
    let (mut bench, proxy) = (Bench::new().await?, Proxy::start().await?);
    had(bench.push(&[])?)?;
    let wrong = proxy.url("hunter3");
    let said = bench.problem(&[("HTTPS_PROXY", &wrong)])?;
    let expected =
        format!("no answer from 127.0.0.1: the proxy {} does not lead there: tunnel error: proxy auth", proxy.at);
    assert!(
        said.contains(&expected) && said.contains("put right what HTTPS_PROXY says, or name the host in"),
        "{said}"
    );
    assert_eq!(proxy.passed().len(), 0);

    bench.registry.goes_down();
    let nobody = bench.registry.at;
    let said = bench.problem(&[("https_proxy", &format!("http://user:hunter2@{nobody}"))])?;
    assert!(said.contains(&format!("the proxy {nobody} does not lead there: Connection refused")), "{said}");
    let said = bench.problem(&[("https_proxy", &proxy.url("hunter2"))])?;
    assert!(said.contains(&format!("the proxy {} does not lead there: tunnel error", proxy.at)), "{said}");

    for (variable, url, why) in [
        ("HTTPS_PROXY", "http://user:hunt/er2@127.0.0.1:3128", "its port is no number"),
        ("http_proxy", "socks5://user:hunter2@127.0.0.1", "only proxies that speak HTTP are known"),
    ] {
        let said = bench.problem(&[(variable, url)])?;
        assert!(
            said.starts_with(&format!("error: {variable} in the environment: {why}; write http://HOST:PORT")),
            "{said}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn api_a_plugin_comes_through_a_proxy_and_the_api_servers_are_asked_without() -> Result<()> {
    let (bench, proxy) = (Bench::new().await?, Proxy::start().await?);
    had(bench.push(&[])?)?;
    let config = format!(
        "registries: {{ ca: {} }}\nplugins:\n  configmaps:\n    image: {}\n    \
         grants: [{{ side: virtual, kind: ConfigMap, verbs: [sync] }}]",
        bench.ca, bench.image
    );
    let mut lab = Lab::take("proxied").await?;
    lab.variables = ["HTTPS_PROXY", "HTTP_PROXY"].map(|name| (name, proxy.url("hunter2"))).into();
    let stage = Stage::with_plugins(lab, &[], &config)?;
    let mut sluice = stage.launch_as_is(&["--log-level", "debug"])?;
    sluice.wait_for_line(STARTED).await?;
    runs(&sluice, "configmaps", &built("configmaps")?.1).await?;
    stage.barrier().await?;
    let tunnel = format!("CONNECT {}", bench.registry.at);
    let passed = proxy.passed();
    assert!(!passed.is_empty() && passed.iter().all(|passed| *passed == tunnel), "{passed:?}");
    let told = |line: &Value| ["hunter2", "dXNlcjpodW50ZXIy"].iter().any(|secret| line.to_string().contains(secret));
    assert!(!log(&sluice).iter().any(told));
    stop(sluice).await?;
    Ok(())
}
