use crate::bindings::interceptor::exports::sluice::plugin::interceptor as wit;
use crate::component::Component;
use crate::registration;
use crate::{Plugin, Request, Response, Rule};

/// Answers API requests in place of the virtual cluster's API server.
///
/// ```no_run
/// use sluice_sdk::k8s_openapi::api::core::v1::ConfigMap;
/// use sluice_sdk::{Interceptor, Request, Response, Rule};
///
/// /// Whoever asks for the ConfigMap `motd`, in whatever namespace, is told the same.
/// struct MessageOfTheDay;
///
/// impl Interceptor for MessageOfTheDay {
///     const NAME: &'static str = "motd";
///
///     fn rules(&self) -> Vec<Rule> {
///         vec![Rule::resources([""], ["configmaps"]).names(["motd"]).verbs(["get"])]
///     }
///
///     fn handle(&self, _: &Request) -> Result<Response, String> {
///         let mut map = ConfigMap::default();
///         map.metadata.name = Some("motd".into());
///         map.data = Some([("text".into(), "Be kind.".into())].into());
///         Ok(Response::object(&map)?.header("cache-control", "no-store"))
///     }
/// }
///
/// sluice_sdk::plugin!(interceptors MessageOfTheDay);
/// # fn main() {}
/// ```
///
/// It is off unless the operator grants its rules. Two interceptors that would answer the same request keep all plugins
/// from starting. What none answers is refused: nothing is forwarded to an API server.
pub trait Interceptor {
    /// Its name in the registration; one per plugin.
    const NAME: &'static str;

    /// Which requests it answers; one at least.
    fn rules(&self) -> Vec<Rule>;

    /// The answer to a request.
    ///
    /// # Errors
    /// It failed: status 500, and a `Status` with this text.
    fn handle(&self, request: &Request) -> Result<Response, String>;
}

/// What a plugin answers: `Interceptors::new().with(Pods).with(Health)`.
#[derive(Default)]
#[must_use]
pub struct Interceptors(Vec<Box<dyn AnyInterceptor>>);

impl Interceptors {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// And this one.
    pub fn with(mut self, interceptor: impl Interceptor + 'static) -> Self {
        self.0.push(Box::new(interceptor));
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn AnyInterceptor> {
        self.0.iter().map(|interceptor| &**interceptor)
    }
}

/// An [`Interceptor`] of whatever name.
pub(crate) trait AnyInterceptor {
    fn name(&self) -> &'static str;
    fn registration(&self) -> registration::Interceptor;
    fn handle(&self, request: &Request) -> Result<Response, String>;
}

impl<I: Interceptor> AnyInterceptor for I {
    fn name(&self) -> &'static str {
        I::NAME
    }

    fn registration(&self) -> registration::Interceptor {
        registration::Interceptor { name: I::NAME, rules: self.rules() }
    }

    fn handle(&self, request: &Request) -> Result<Response, String> {
        Interceptor::handle(self, request)
    }
}

impl<C: Component> wit::Guest for C {
    fn handle(request: wit::Request) -> wit::Response {
        let handle = || {
            let interceptors = C::plugin()?.interceptors();
            let named = interceptors.iter().find(|interceptor| interceptor.name() == request.interceptor);
            let named = named.ok_or_else(|| format!("{} has no interceptor {:?}", C::NAME, request.interceptor))?;
            named.handle(&Request::new(request))
        };
        handle().unwrap_or_else(|why| Response::failure(500, "InternalError", &why)).into_wit()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::Fixture;

    fn handle(interceptor: &str, header: &str, body: &str) -> (u16, Value) {
        let response = <Fixture as wit::Guest>::handle(wit::Request {
            interceptor: interceptor.to_owned(),
            method: "GET".to_owned(),
            path: "/healthz?a=b".to_owned(),
            headers: vec![(header.to_owned(), b"not today".to_vec())],
            body: body.into(),
        });
        assert_eq!(response.headers, [("content-type".to_owned(), b"application/json".to_vec())]);
        (response.status, serde_json::from_slice(&response.body).expect("JSON"))
    }

    #[test]
    fn a_request_goes_to_the_interceptor_that_it_names() {
        assert_eq!(handle("answered", "x-none", "[1]"), (201, json!([1])));
        let failed = |message: &str| {
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {},
                "status": "Failure", "message": message, "reason": "InternalError", "code": 500,
            })
        };
        assert_eq!(handle("answered", "x-fail", "[1]"), (500, failed("not today")));
        let unread = failed("the body: EOF while parsing a value at line 1 column 0");
        assert_eq!(handle("answered", "x-none", ""), (500, unread));
        assert_eq!(handle("other", "x-none", ""), (500, failed(r#"fixture has no interceptor "other""#)));
    }

    #[test]
    fn a_request_is_read_in_parts() {
        let headers = vec![("x-a".to_owned(), b"1".to_vec()), ("x-b".to_owned(), vec![0xff])];
        let (interceptor, method, body) = ("i".to_owned(), "PUT".to_owned(), b"{".to_vec());
        let request =
            Request::new(wit::Request { interceptor, method, path: "/a%20b?c=d?e".to_owned(), headers, body });
        assert_eq!((&*request.path, &*request.query), ("/a%20b", "c=d?e"));
        assert_eq!((request.header("X-A"), request.header("x-b"), request.header("x-c")), (Some("1"), None, None));
        assert!(request.json::<Value>().is_err());
    }
}
