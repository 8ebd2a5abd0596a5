use std::collections::BTreeMap;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// A connection with room for so many bytes on their way, and what tells it to stop.
fn open(room: usize) -> (DuplexStream, JoinHandle<()>, signal::Sender<bool>) {
    let (client, server) = duplex(room);
    let (stop, stopped) = signal::channel(false);
    let answerers = Answerers { table: Arc::default(), plugins: BTreeMap::new() };
    (client, tokio::spawn(connection(server, Arc::new(answerers), stopped)), stop)
}

#[tokio::test(start_paused = true)]
async fn who_sends_nothing_is_not_kept() {
    for sent in [&b""[..], b"GET / HT", GET] {
        let (mut client, ended, _stop) = open(4096);
        client.write_all(sent).await.expect("sent");
        let began = Instant::now();
        ended.await.expect("no panic");
        assert_eq!(began.elapsed(), TAKEN_WITHIN);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_again_and_again_is_not_kept_for_ever() {
    let (mut client, ended, _stop) = open(4096);
    let began = Instant::now();
    let mut answer = [0; 4096];
    while client.write_all(GET).await.is_ok() && client.read(&mut answer).await.is_ok_and(|read| read > 0) {
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    ended.await.expect("no panic");
    assert!((KEPT..KEPT + TAKEN_WITHIN).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_not_kept() {
    for (stopped, kept) in [(false, KEPT + TAKEN_WITHIN), (true, DRAIN)] {
        let (mut client, ended, stop) = open(64);
        client.write_all(GET).await.expect("sent");
        let began = Instant::now();
        // What is stopped before it began ends at once.
        tokio::task::yield_now().await;
        stop.send_replace(stopped);
        ended.await.expect("no panic");
        assert_eq!(began.elapsed().as_secs(), kept.as_secs());
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.expect("read");
        assert_eq!(answer.len(), 64, "there was room for no more");
    }
}
