use std::io::ErrorKind::WouldBlock;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const BOUNDS: Bounds = Bounds {
    connections: 4,
    beyond: Beyond::EndsOldest,
    head: 1 << 10,
    taken_within: Duration::from_secs(30),
    kept: Duration::from_secs(60),
    drain: Duration::from_secs(10),
};

async fn answer(_: Request<Incoming>) -> Reply {
    Response::new(Full::from("answer"))
}

/// A connection with room for so many bytes on their way, and what tells it to stop.
fn open(room: usize) -> (DuplexStream, JoinHandle<()>, signal::Sender<bool>) {
    let (client, server) = duplex(room);
    let (stop, stopped) = signal::channel(false);
    (client, tokio::spawn(connection(server, "a test", BOUNDS, answer, stopped)), stop)
}

#[tokio::test(start_paused = true)]
async fn who_sends_nothing_is_not_kept() {
    for sent in [&b""[..], b"GET / HT", GET] {
        let (mut client, ended, _stop) = open(4096);
        client.write_all(sent).await.unwrap();
        let began = Instant::now();
        ended.await.unwrap();
        assert_eq!(began.elapsed(), BOUNDS.taken_within);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_again_and_again_is_not_kept_for_ever() {
    let (mut client, ended, _stop) = open(4096);
    let began = Instant::now();
    let mut read = [0; 4096];
    while client.write_all(GET).await.is_ok() && client.read(&mut read).await.is_ok_and(|read| read > 0) {
        sleep(Duration::from_secs(20)).await;
    }
    ended.await.unwrap();
    assert!((BOUNDS.kept..BOUNDS.kept + BOUNDS.taken_within).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_not_kept() {
    for (stopped, kept) in [(false, BOUNDS.kept + BOUNDS.taken_within), (true, BOUNDS.drain)] {
        let (mut client, ended, stop) = open(64);
        client.write_all(GET).await.unwrap();
        let began = Instant::now();
        // What is stopped before it began ends at once.
        tokio::task::yield_now().await;
        stop.send_replace(stopped);
        ended.await.unwrap();
        assert_eq!(began.elapsed().as_secs(), kept.as_secs());
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.unwrap();
        assert_eq!(read.len(), 64, "there was room for no more");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_too_large_is_refused() {
    let (mut client, ended, _stop) = open(64 << 10);
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\nlong: {}\r\n\r\n", "x".repeat(BOUNDS.head));
    client.write_all(head.as_bytes()).await.unwrap();
    let mut read = String::new();
    client.read_to_string(&mut read).await.unwrap();
    assert!(read.starts_with("HTTP/1.1 431 "), "{read}");
    ended.await.unwrap();
}

/// A port, with connections to it that send nothing.
async fn besieged(beyond: Beyond) -> (SocketAddr, Vec<TcpStream>, JoinHandle<()>, signal::Sender<bool>) {
    let port = Port::open(([127, 0, 0, 1], 0).into()).await.unwrap();
    let (address, (stop, stopped)) = (port.address().unwrap(), signal::channel(false));
    let served = tokio::spawn(port.serve("a test", Bounds { beyond, ..BOUNDS }, answer, stopped));
    let mut silent = vec![];
    for _ in 0..3 * BOUNDS.connections {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    (address, silent, served, stop)
}

async fn ask(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut read = String::new();
    stream.read_to_string(&mut read).await.unwrap();
    read
}

#[tokio::test]
async fn where_the_oldest_ends_who_is_silent_keeps_nobody_waiting() {
    let (address, mut silent, served, stop) = besieged(Beyond::EndsOldest).await;
    assert!(ask(address).await.ends_with("answer"));
    let mut read = [0];
    assert!(matches!(silent[0].read(&mut read).await, Ok(0) | Err(_)), "the oldest has ended");
    stop.send_replace(true);
    served.await.unwrap();
}

#[tokio::test]
async fn where_one_more_waits_it_is_answered_when_another_ends() {
    let (address, mut silent, served, stop) = besieged(Beyond::Waits).await;
    let asked = tokio::spawn(ask(address));
    tokio::task::yield_now().await;
    let blocked = |stream: &TcpStream| stream.try_read(&mut [0]).is_err_and(|error| error.kind() == WouldBlock);
    assert!(silent.iter().all(blocked), "nobody was ended for it");
    silent.clear();
    assert!(asked.await.unwrap().ends_with("answer"));
    stop.send_replace(true);
    served.await.unwrap();
}

#[tokio::test]
async fn what_is_closed_takes_nobody() {
    let (address, _silent, served, stop) = besieged(Beyond::EndsOldest).await;
    stop.send_replace(true);
    served.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
