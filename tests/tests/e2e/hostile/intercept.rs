//! An interceptor that fails in whatever way: its client is told that it did, and the next request is answered.

use crate::{
    interceptors::CONFIG,
    support::{STARTED, Stage, log, port::Port},
};
use anyhow::Result;
use serde_json::{Value, json};
use sluice_tests::Lab;

#[tokio::test]
async fn hostile_intercept_answers_no_nonsense() -> Result<()> {
    let lab = Lab::take("intercept_hostile").await?;
    let stage = Stage::with_plugins(lab, &["hostile-intercept", "pod-interceptor"], CONFIG)?;
    let mut sluice = stage.launch()?;
    sluice.wait_for_line(STARTED).await?;
    let port = Port::of(&mut sluice).await?;
    let cases = [
        ("spin", "fuel", "it used up its 400000000 units of fuel, as a loop without an end would"),
        ("trap", "trap", "it trapped"),
        ("large", "answer", "it handed over more than 8 MiB at once"),
        ("status", "nonsense", "it answers with status 42; 200 to 599 are for whole answers"),
        ("switch", "nonsense", "it answers with status 101; 200 to 599 are for whole answers"),
        ("newline", "nonsense", "it answers with a header that has control characters"),
        ("name", "nonsense", "it answers with a header whose name is none"),
        ("chunked", "nonsense", "it answers with a header that concerns the connection, such as transfer-encoding"),
        ("many", "nonsense", "it answers with more than 100 headers, or 64 KiB of them"),
    ];
    for (way, reason, why) in cases {
        let answer = port.get(&format!("/way/{way}")).await?;
        let message = format!("the interceptor \"intercept\" of plugin hostile-intercept failed: {why}");
        assert_eq!((answer.status, answer.refusal()?), (500, message), "{way}");
        assert!(!answer.head.contains("forged"), "{}", answer.head);
        let path = json!(format!("/way/{way}"));
        let told = log(&sluice).into_iter().find(|line| line["level"] == "WARN" && line["path"] == path);
        assert_eq!(told.map(|line| line["reason"].clone()), Some(json!(reason)), "{way}");
        // Neither it nor its neighbour is any the worse for it.
        assert_eq!(port.get("/way/good").await?.body, b"good");
        assert_eq!(port.get("/api/v1/namespaces/test/pods/stuff").await?.status, 200);
    }
    // It may say itself that it failed, and how long it is it may not.
    let answer = port.get("/way/error").await?;
    assert_eq!((answer.status, &*answer.refusal()?), (500, "it says so itself"));
    let answer = port.get("/way/length").await?;
    assert_eq!((&*answer.body, answer.head.contains("content-length: 4")), (&b"good"[..], true));

    assert_eq!(sluice.ended()?, None);
    sluice.terminate().await?;
    let totals =
        log(&sluice).into_iter().find(|line| line["message"] == "totals" && line["plugin"] == "hostile-intercept");
    let failures: Value = serde_json::from_str(totals.unwrap_or_default()["failures"].as_str().unwrap_or_default())?;
    assert_eq!(failures, json!({ "answer": 1, "fuel": 1, "nonsense": 6, "trap": 1 }));
    Ok(())
}
