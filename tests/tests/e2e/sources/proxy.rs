//! A proxy as companies have them: who shows the password is let through, and it is known who went where.

use super::registry::Registry;
use anyhow::{Context, Result, ensure};
use std::{
    mem,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// `user` and `hunter2`.
const BASIC: &str = "Basic dXNlcjpodW50ZXIy";

/// Serves as long as the runtime that it was started in.
pub(super) struct Proxy {
    pub(super) at: SocketAddr,
    passed: Passed,
}

type Passed = Arc<Mutex<Vec<String>>>;

impl Proxy {
    pub(super) async fn start() -> Result<Self> {
        Self::listen(None).await
    }

    /// One that itself speaks TLS, with the certificate of a registry.
    pub(super) async fn start_tls(registry: &Registry) -> Result<Self> {
        let [certificate, key] = registry.certificate();
        let certificate = CertificateDer::from_pem_file(certificate)?;
        let config = ServerConfig::builder_with_provider(ring::default_provider().into());
        let config = config.with_safe_default_protocol_versions()?.with_no_client_auth();
        let config = config.with_single_cert(vec![certificate], PrivateKeyDer::from_pem_file(key)?)?;
        Self::listen(Some(Arc::new(config).into())).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self { at: listener.local_addr()?, passed: Passed::default() };
        let passed = proxy.passed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (tls, passed) = (tls.clone(), passed.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => serve(tls.accept(client).await?, &passed).await,
                        None => serve(client, &passed).await,
                    }
                });
            }
        });
        Ok(proxy)
    }

    /// As the environment names it, with a password.
    pub(super) fn url(&self, password: &str) -> String {
        format!("http://user:{password}@{}", self.at)
    }

    /// Who was let through where to since this was last asked: `CONNECT 127.0.0.1:5000`, once for each connection.
    pub(super) fn passed(&self) -> Vec<String> {
        mem::take(&mut self.passed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(client: impl AsyncRead + AsyncWrite + Unpin, passed: &Passed) -> Result<()> {
    let mut client = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        ensure!(client.read_line(&mut head).await? > 0, "half a request");
    }
    let shown = head.lines().filter_map(|line| line.split_once(": "));
    let mut shown = shown.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    if !shown.any(|(_, value)| value == BASIC) {
        let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return Ok(client.write_all(answer).await?);
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next().context("no method")?, words.next().context("no target")?);
    let to = target.trim_start_matches("http://").split('/').next().context("no address")?;
    let mut server = TcpStream::connect(to).await?;
    passed.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{method} {to}"));
    match method {
        "CONNECT" => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?,
        // Every registry takes what is meant for a proxy, too.
        _ => server.write_all(head.as_bytes()).await?,
    }
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
