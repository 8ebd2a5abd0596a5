//! How much a client can have the runtime take.

use super::stage;
use crate::support::port::{Answer, Port};
use anyhow::Result;
use serde_json::json;
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpStream};

const MIB: usize = 1 << 20;

#[tokio::test]
async fn api_a_body_is_taken_up_to_its_bound() -> Result<()> {
    let stage = stage("intercept_body").await?;
    let mut sluice = stage.start().await?;
    let port = Port::of(&mut sluice).await?;
    let answer = port.ask("PUT", "/way/echo", &[], &vec![b'x'; 3 * MIB]).await?;
    assert_eq!(answer.json()?["bytes"], 3 * MIB);

    // What says that it is larger is refused before it is sent.
    let length = format!("content-length: {}", 3 * MIB + 1);
    let answer = Answer::read(port.send("PUT", "/way/echo", &[&length]).await?).await?;
    assert_eq!((answer.status, &*answer.refusal()?), (413, "the body is larger than 3 MiB"));

    // What does not say it, as soon as it is.
    let mut stream = port.send("PUT", "/way/echo", &["transfer-encoding: chunked"]).await?;
    stream.write_all(format!("{:x}\r\n", 3 * MIB + 1).as_bytes()).await?;
    stream.write_all(&vec![b'x'; 3 * MIB + 1]).await?;
    assert_eq!(Answer::read(stream).await?.status, 413);

    let long = format!("x-long: {}", "x".repeat(64 << 10));
    assert_eq!(port.ask("GET", "/way/echo", &[&long], b"").await?.status, 431);
    // And one that ends early is the end of its connection alone.
    let mut stream = port.send("PUT", "/way/echo", &["content-length: 4"]).await?;
    stream.write_all(b"bo").await?;
    drop(stream);
    assert_eq!(port.get("/way/good").await?.body, b"good");
    Ok(())
}

#[tokio::test]
async fn api_one_connection_takes_many_requests_and_many_connections_wait_for_each_other() -> Result<()> {
    let stage = stage("intercept_connections").await?;
    let mut sluice = stage.start().await?;
    let port = Port::of(&mut sluice).await?;
    let mut held = Vec::new();
    for _ in 0..64 {
        let mut stream = TcpStream::connect(port.0).await?;
        for _ in 0..2 {
            stream.write_all(b"GET /way/good HTTP/1.1\r\nhost: a\r\n\r\n").await?;
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\ngood") {
                answer.push(stream.read_u8().await?);
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
        held.push(stream);
    }
    // The next one has its place when another is left.
    let stream = port.send("GET", "/way/good", &[]).await?;
    drop(held.pop());
    assert_eq!(Answer::read(stream).await?.body, b"good");
    assert_eq!(json!(port.get("/way/echo").await?.json()?["path"]), "/way/echo");
    Ok(())
}
