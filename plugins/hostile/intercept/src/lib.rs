//! An interceptor that does whatever the path of a request tells it to: never comes back, panics, answers with what is no
//! response, or tells all that it was given. Tries to take the port down, to forge what follows, or to see credentials.

use sluice_sdk::serde_json::{Value, json};
use sluice_sdk::{Interceptor, Request, Response, Rule};

struct Intercept;

impl Interceptor for Intercept {
    const NAME: &'static str = "intercept";

    fn rules(&self) -> Vec<Rule> {
        vec![Rule::urls(["/way/*"]).verbs(["*"])]
    }

    fn handle(&self, request: &Request) -> Result<Response, String> {
        let good = Response::new(200).body("good");
        Ok(match request.path.trim_start_matches("/way/") {
            "spin" => loop {
                std::hint::spin_loop();
            },
            "trap" => panic!("this interceptor panics at {}", request.query),
            "error" => return Err("it says so itself".into()),
            "status" => Response::new(42),
            "switch" => Response::new(101).header("upgrade", "raw"),
            "newline" => good.header("x-forged", "a\r\nset-cookie: forged=1"),
            "name" => good.header("x forged", "a"),
            "chunked" => good.header("transfer-encoding", "chunked").body("0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
            "length" => good.header("content-length", "2"),
            "many" => (0..40_000).fold(good, |response, _| response.header("x-many", "")),
            "large" => good.body(vec![b'x'; 20 << 20]),
            "echo" => Response::json(200, &echo(request))?,
            _ => good,
        })
    }
}

fn echo(request: &Request) -> Value {
    let headers: Vec<_> =
        request.headers().map(|(name, value)| json!([name, String::from_utf8_lossy(value)])).collect();
    json!({
        "method": request.method, "path": request.path, "query": request.query, "headers": headers,
        "bytes": request.body.len(),
    })
}

sluice_sdk::plugin!(interceptors Intercept);
