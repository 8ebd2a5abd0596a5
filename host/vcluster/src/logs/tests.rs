use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::{debug, error, info, warn};
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// What was written.
#[derive(Clone, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines that this logs.
fn lines(log: impl FnOnce()) -> Vec<String> {
    let out = Out::default();
    let writer = out.clone();
    let layer = tracing_subscriber::fmt::layer().event_format(Hclog).with_writer(move || writer.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
    let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    text.lines().map(String::from).collect()
}

#[test]
fn a_line_has_what_hclog_reads() {
    let lines = lines(|| info!(target: "sluice", side = %"virtual", count = 3, ok = true, "connected \"so\"\nsaid"));
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let mut line: Value = serde_json::from_str(line).unwrap();
    let time = line["@timestamp"].take();
    // 2026-01-01T00:00:00.000000Z, and nothing else, or the line is dropped.
    assert_eq!((time.as_str().unwrap().len(), time.as_str().unwrap().find('.')), (27, Some(19)));
    let expected = serde_json::json!({ "@level": "info", "@message": "connected \"so\"\nsaid", "@module": "sluice",
        "@timestamp": null, "side": "virtual", "count": 3, "ok": true });
    assert_eq!(line, expected);
}

#[test]
fn no_level_is_dropped_by_vcluster() {
    let lines = lines(|| {
        error!("one");
        warn!("two");
        debug!("three");
    });
    let levels: Vec<_> = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    assert_eq!((&levels[0]["@level"], &levels[1]["@level"]), (&"error".into(), &"warn".into()));
    assert_eq!((&levels[2]["@level"], &levels[2]["level"]), (&"info".into(), &"debug".into()));
}

#[test]
fn lines_have_an_end() {
    let long = "\u{1}é".repeat(100_000);
    let lines = lines(|| {
        info!(one = long, "{long}");
        let odd = "\u{1}".repeat(5000);
        info!(one = odd, two = odd, three = odd, "short");
    });
    assert!(lines.iter().all(|line| line.len() < 64 << 10), "{:?}", lines.iter().map(String::len).collect::<Vec<_>>());
    let second: Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!((&second["@message"], &second["fields"]), (&"short".into(), &"left out: too long".into()));
}

#[test]
fn the_head_cannot_be_replaced() {
    let lines = lines(|| info!("@level" = 1, "@message" = 2, "@timestamp" = 3, "x"));
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!((&line["@level"], &line["@message"]), (&"info".into(), &"x".into()));
}
