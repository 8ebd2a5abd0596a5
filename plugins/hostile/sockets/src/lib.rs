//! Connects to the API server by itself: tries to go around the runtime.

use std::net::{TcpStream, UdpSocket};

use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Sockets;

impl Syncer for Sockets {
    type Object = Handle;
    const NAME: &'static str = "sockets";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "Secret")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        let tcp = TcpStream::connect("kubernetes.default.svc:443").is_ok();
        let udp = UdpSocket::bind("0.0.0.0:0").is_ok();
        Err(Failure::retry(format!("connected: {tcp}, bound: {udp}")))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Sockets);
