//! What a guest answers a request with.

use super::headers::{is_hop_by_hop, is_name, is_value};

/// How many headers an answer may have.
const HEADERS: usize = 100;
/// How long they may be together, in bytes: what clients and proxies take.
const HEADER_BYTES: usize = 64 << 10;

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Such as 200.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What follows.
    pub body: Vec<u8>,
}

/// Why a guest's response is none. Holds nothing that the guest wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// No status of a whole response.
    #[error("it answers with status {0}; 200 to 599 are for whole answers")]
    Status(u16),
    /// Too much of them.
    #[error("it answers with more than {HEADERS} headers, or {} KiB of them", HEADER_BYTES >> 10)]
    Headers,
    /// No name.
    #[error("it answers with a header whose name is none")]
    Name,
    /// Control characters.
    #[error("it answers with a header that has control characters")]
    Value,
    /// The connection is not its own.
    #[error("it answers with a header that concerns the connection, such as transfer-encoding")]
    HopByHop,
}

impl Response {
    /// As it may be sent: its length is for whoever sends it to say.
    pub fn check(mut self) -> Result<Self, Nonsense> {
        if !(200..600).contains(&self.status) {
            return Err(Nonsense::Status(self.status));
        }
        let bytes: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if self.headers.len() > HEADERS || bytes > HEADER_BYTES {
            return Err(Nonsense::Headers);
        }
        for (name, value) in &mut self.headers {
            name.make_ascii_lowercase();
            if !is_name(name) {
                return Err(Nonsense::Name);
            }
            if is_hop_by_hop(name) {
                return Err(Nonsense::HopByHop);
            }
            if !is_value(value) {
                return Err(Nonsense::Value);
            }
        }
        self.headers.retain(|(name, _)| name != "content-length");
        Ok(self)
    }
}
