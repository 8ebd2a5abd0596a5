//! The port of the interceptors, as a client sees it that writes its own lines.

use anyhow::{Context, Result};
use serde_json::Value;
use sluice_tests::Sluice;
use std::{io::ErrorKind, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where a runtime answers API requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port(pub(crate) SocketAddr);

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The first line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Port {
    /// As the runtime says it.
    pub(crate) async fn of(sluice: &mut Sluice) -> Result<Self> {
        Self::said(sluice, "interceptors listen").await
    }

    /// Where it serves health and metrics, as it says.
    pub(crate) async fn of_admin(sluice: &mut Sluice) -> Result<Self> {
        Self::said(sluice, "health and metrics are served").await
    }

    async fn said(sluice: &mut Sluice, line: &str) -> Result<Self> {
        let line: Value = serde_json::from_str(&sluice.wait_for_line(line).await?)?;
        Ok(Self(line["address"].as_str().context("no address")?.parse()?))
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        self.ask("GET", path, &[], b"").await
    }

    /// Sends a request with a body of this length, over a connection of its own.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Result<Answer> {
        let length = format!("content-length: {}", body.len());
        let mut stream = self.send(method, path, &[headers, &[&length]].concat()).await?;
        stream.write_all(body).await?;
        Answer::read(stream).await
    }

    /// Sends the head of a request, which is the last of its connection.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[&str]) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(self.0).await?;
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.0);
        stream.write_all(head.as_bytes()).await?;
        Ok(stream)
    }
}

impl Answer {
    /// All that comes until the connection ends.
    pub(crate) async fn read(mut stream: TcpStream) -> Result<Self> {
        let mut bytes = Vec::new();
        match stream.read_to_end(&mut bytes).await {
            // Who is not let finish is reset after the answer.
            Err(error) if error.kind() != ErrorKind::ConnectionReset => return Err(error.into()),
            _ => {}
        }
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").context("no head")?;
        let head = String::from_utf8(bytes[..end].into())?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok(Self { status, head, body: bytes[end + 4..].into() })
    }

    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| String::from_utf8_lossy(&self.body).into_owned())
    }

    /// The message of a `Status` that says that it failed, with the same code.
    pub(crate) fn refusal(&self) -> Result<String> {
        let status = self.json()?;
        assert_eq!((&status["kind"], &status["apiVersion"]), (&"Status".into(), &"v1".into()), "{status}");
        assert_eq!((&status["status"], &status["code"]), (&"Failure".into(), &self.status.into()), "{status}");
        Ok(status["message"].as_str().context("no message")?.to_owned())
    }
}
