use super::{Admin, PAGES};
use crate::support::{STARTED, Stage, blue, port::Answer, things::SECRETS};
use anyhow::{Error, Result, ensure};
use serde_json::json;
use sluice_tests::{Lab, eventually};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};

/// What nothing else holds, nor any other test.
const PASSWORD: &str = "plugh-Wrong8Stables";
const SPELLINGS: [&str; 4] =
    [PASSWORD, "cGx1Z2gtV3Jvbmc4U3RhYmxlcw", "706c7567682d57726f6e6738537461626c6573", "selbatS8gnorW-hgulp"];

#[tokio::test]
async fn hostile_what_secrets_and_configs_hold_is_not_shown_and_no_object_is_named() -> Result<()> {
    let config = |labels: &str| {
        format!(
            "
plugins:
  configmaps:
    config: {{ labels: '{labels}' }}
    grants: [{{ side: virtual, kind: ConfigMap, verbs: [sync] }}]
  hostile-tattle:
    grants:
    - {{ side: virtual, kind: Secret, verbs: [sync] }}
    - {{ side: physical, kind: Secret, verbs: [hook] }}
"
        )
    };
    let lab = Lab::take("admin_secrets").await?;
    let stage = Stage::with_plugins(lab, &["configmaps", "hostile-tattle"], &config(&format!("!{PASSWORD}")))?;
    let mut sluice = stage.launch_as_is(&["--interceptors", "127.0.0.1:0"])?;
    sluice.wait_for_line(STARTED).await?;
    let admin = Admin::of(&mut sluice).await?;
    stage.pair(blue("odd-name")).await?;
    let (above, below) = (stage.above(SECRETS, "default"), stage.below(SECRETS));
    // It tells what it sees as it fails, traps, denies, and in an Event.
    for name in ["panic", "retry", "permanent", "deny-it", "trap-it", "log", "event", "good"] {
        above.put(json!({ "metadata": { "name": name }, "stringData": { "p": PASSWORD } })).await?;
    }
    for name in ["log", "event", "good"] {
        below.appears(&format!("{name}-x-default-x-my-vcluster")).await?;
    }
    stage.barrier().await?;
    nothing_is_shown(admin).await?;

    // What is wrong with a config may quote it: only a word of that is shown.
    stage.configure(&config(&format!("in in {PASSWORD}")))?;
    eventually("the config is refused", async || {
        Ok::<_, Error>(!admin.plugin("configmaps").await?["refused"].is_null())
    })
    .await?;
    nothing_is_shown(admin).await
}

async fn nothing_is_shown(admin: Admin) -> Result<()> {
    for page in PAGES {
        let text = admin.text(page).await?;
        for hidden in SPELLINGS.iter().chain(&["odd-name", "deny-it"]) {
            ensure!(!text.contains(hidden), "{page} holds {hidden}: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn api_nothing_can_be_changed_by_the_admin_port() -> Result<()> {
    let stage = Stage::take("admin_closed").await?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    for page in PAGES {
        let head = admin.0.ask("HEAD", page, &[], b"").await?;
        ensure!(head.status == 200 && head.body.is_empty(), "{}", head.head);
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"] {
            let Answer { status, head, .. } = admin.0.ask(method, page, &[], b"{}").await?;
            // Some of them no HTTP server takes with such a path.
            ensure!(status == 405 || status == 400, "{method} {page}: {head}");
        }
    }
    for path in ["/", "/debug/pprof/", "/api/v1/secrets", "/debug/state.json/", "/../metrics", "/metrics%00"] {
        assert_eq!(admin.0.get(path).await?.status, 404, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn hostile_slow_clients_and_huge_heads_keep_no_probe_waiting() -> Result<()> {
    let stage = Stage::take("admin_slow").await?;
    let mut sluice = stage.start().await?;
    let admin = Admin::of(&mut sluice).await?;
    let mut slow = vec![];
    for at in 0..200 {
        let mut stream = TcpStream::connect(admin.0.0).await?;
        if at % 2 == 0 {
            stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nx: ").await?;
        }
        slow.push(stream);
    }
    let began = Instant::now();
    assert_eq!(admin.text("/livez").await?, "ok");
    // A kubelet waits for a second; what silent clients may take is five.
    ensure!(began.elapsed().as_secs() < 5, "a probe took {:?}", began.elapsed());

    let huge = format!("x: {}", "y".repeat(1 << 20));
    if let Ok(stream) = admin.0.send("GET", "/metrics", &[&huge]).await {
        let refused = Answer::read(stream).await;
        ensure!(refused.as_ref().map_or(true, |answer| answer.status == 431), "{refused:?}");
    }
    let many: Vec<String> = (0..500).map(|at| format!("x-{at}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = admin.0.ask("GET", "/metrics", &many, b"").await?;
    assert_eq!(refused.status, 431, "{}", refused.head);
    assert_eq!(admin.text("/livez").await?, "ok");
    stage.pair(blue("after")).await?;
    assert_eq!(sluice.ended()?, None);
    Ok(())
}
