//! Asking a registry: by TLS, with what it wants to be shown, and no further than it may send us.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::header::{AUTHORIZATION, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode, Uri};
use hyper::body::Bytes;
use serde::Deserialize;
use sluice_core::redact;
use tokio::time::timeout;

use super::access::{Access, AccessError};
use super::challenge::Challenge;
use super::connection::Connection;
use super::error::{Problem, nonsense};
use super::reference::Reference;
use super::request::{Answer, Ask, Origin, SOON, follow, host, with_query};

/// How often we are sent on.
const HOPS: usize = 5;
/// Bytes that are told of what a registry says.
const TOLD: usize = 200;
/// Tokens are a few KB; some hold what all we may do.
const TOKEN: u64 = 256 << 10;

/// Who asks, for what: registry, repository, and whether to write.
type Scope = (String, String, bool);

/// Asks registries.
pub(super) struct Client {
    pub(super) access: Access,
    connection: Connection,
    /// What was last accepted.
    tokens: Mutex<BTreeMap<Scope, HeaderValue>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Client {
    pub(super) fn new(access: Access) -> Result<Self, AccessError> {
        let connection = Connection::new(access.roots.clone(), access.proxies.clone())?;
        Ok(Self { access, connection, tokens: Mutex::default() })
    }

    /// The address of something of a repository: `manifests/1`, `blobs/sha256:…`.
    pub(super) fn uri(&self, place: &Reference, path: &str) -> Result<Uri, Problem> {
        let registry = &place.registry;
        let scheme = if self.access.is_insecure(registry) { "http" } else { "https" };
        // Docker Hub answers elsewhere than it is called.
        let at = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        let uri = format!("{scheme}://{at}/v2/{}/{path}", place.repository);
        uri.parse().map_err(|_| nonsense(registry, format!("no address: {uri}")))
    }

    /// Asks, shows what the registry wants to be shown, and goes where it sends us. Only what is an answer to that comes
    /// back, with `also` a status that is one too.
    pub(super) async fn ask(&self, ask: &Ask<'_>, also: Option<StatusCode>) -> Result<Answer, Problem> {
        let answer = timeout(ask.within, async {
            let answer = self.follow(ask).await?;
            if answer.status != StatusCode::UNAUTHORIZED {
                return Ok(answer);
            }
            self.authenticate(ask, &answer).await?;
            self.follow(ask).await
        });
        let late =
            |_| Problem::NoAnswer { host: host(&ask.uri), why: format!("not within {} s", ask.within.as_secs()) };
        let answer = answer.await.map_err(late)??;
        let (status, host) = (answer.status, host(&ask.uri));
        if status.is_success() || Some(status) == also {
            return Ok(answer);
        }
        let said = said(&answer.body);
        Err(match status {
            StatusCode::UNAUTHORIZED => {
                let way_out = self.access.credentials()?.way_out(&ask.place.registry);
                Problem::NotLetIn { host, way_out }
            }
            StatusCode::FORBIDDEN => Problem::NotAllowed { host, said },
            StatusCode::NOT_FOUND => Problem::Missing { host, what: ask.what, said },
            _ => Problem::Status { host, code: status.as_u16(), said },
        })
    }

    /// Follows redirects. What we prove ourselves with stays where it was asked for.
    async fn follow(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let scope = scope(ask);
        let token = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&scope).cloned();
        let home = Origin::of(&self.uri(ask.place, "")?);
        let mut uri = ask.uri.clone();
        for _ in 0..=HOPS {
            let mut headers = ask.headers.clone();
            if let Some(token) = token.clone().filter(|_| Origin::of(&uri) == home) {
                headers.insert(AUTHORIZATION, token);
            }
            let answer = self.connection.send(&uri, ask, headers).await?;
            if !answer.status.is_redirection() || !matches!(ask.method, Method::GET | Method::HEAD) {
                return Ok(answer);
            }
            uri = self.sent(&uri, answer.header(&LOCATION).unwrap_or_default())?;
        }
        Err(nonsense(&host(&ask.uri), format!("it sends us on more than {HOPS} times")))
    }

    /// Where we are sent, if we go there: never from TLS to where there is none.
    pub(super) fn sent(&self, from: &Uri, location: &str) -> Result<Uri, Problem> {
        let to = follow(from, location).ok_or_else(|| nonsense(&host(from), "it sends us nowhere".into()))?;
        let (here, there) = (Origin::of(from), Origin::of(&to));
        let is_listed = |there: &Origin| there.names().iter().any(|name| self.access.is_insecure(name));
        let secure = here.is_none_or(|here| here.secure);
        match there.is_some_and(|there| there.secure || (!secure && is_listed(&there))) {
            true => Ok(to),
            false => Err(Problem::Sent { host: host(from), to: host(&to) }),
        }
    }

    /// Gets what the registry wants to be shown, and keeps it.
    async fn authenticate(&self, ask: &Ask<'_>, answer: &Answer) -> Result<(), Problem> {
        let (registry, repository) = (&ask.place.registry, &ask.place.repository);
        let challenges = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|header| header.to_str().ok());
        let challenge = Challenge::parse(&challenges.collect::<Vec<_>>().join(", "));
        let credentials = self.access.credentials()?;
        let basic = credentials.of(registry, repository).map(|basic| format!("Basic {}", basic.0));
        let shown = match challenge {
            Some(Challenge::Bearer { realm, service }) => Some(self.token(ask, &realm, service, basic).await?),
            Some(Challenge::Basic) => basic,
            None => None,
        };
        let Some(shown) = shown.and_then(secret) else {
            return Err(Problem::NotLetIn { host: host(&ask.uri), way_out: credentials.way_out(registry) });
        };
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(scope(ask), shown);
        Ok(())
    }

    /// A token for what is asked, for the password or for nothing.
    async fn token(
        &self,
        ask: &Ask<'_>,
        realm: &str,
        service: Option<String>,
        basic: Option<String>,
    ) -> Result<String, Problem> {
        let from = host(&ask.uri);
        let wrong = |why: &str| nonsense(&from, format!("the tokens that it wants: {why}"));
        let mut uri = self.sent(&ask.uri, realm)?;
        let scope = format!("repository:{}:{}", ask.place.repository, if ask.push { "pull,push" } else { "pull" });
        for (name, value) in service.map(|service| ("service", service)).into_iter().chain([("scope", scope)]) {
            uri = with_query(&uri, name, &value).ok_or_else(|| wrong("no address"))?;
        }
        let mut headers = HeaderMap::new();
        headers.extend(basic.and_then(secret).map(|basic| (AUTHORIZATION, basic)));
        let get = Ask {
            method: Method::GET,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            what: "token",
            limit: TOKEN,
            within: SOON,
            ..ask.clone()
        };
        let answer = self.connection.send(&uri, &get, headers).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let way_out = self.access.credentials()?.way_out(&ask.place.registry);
                return Err(Problem::NotLetIn { host: host(&uri), way_out });
            }
            status => {
                return Err(Problem::Status { host: host(&uri), code: status.as_u16(), said: said(&answer.body) });
            }
        }
        // An error of serde's could quote it.
        let Token { token, access_token } = serde_json::from_slice(&answer.body).map_err(|_| wrong("not JSON"))?;
        let token = token.or(access_token).filter(|token| !token.is_empty()).ok_or_else(|| wrong("none came"))?;
        Ok(format!("Bearer {token}"))
    }
}

/// Where registries are reached as which config says; no token.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client by {:?}", self.access)
    }
}

fn scope(ask: &Ask<'_>) -> Scope {
    (ask.place.registry.clone(), ask.place.repository.clone(), ask.push)
}

fn secret(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What a registry says of an error: the first message of its list.
fn said(body: &[u8]) -> String {
    let said: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let first = &said["errors"][0];
    redact::line(first["message"].as_str().or(first["code"].as_str()).unwrap_or_default(), TOLD)
}
