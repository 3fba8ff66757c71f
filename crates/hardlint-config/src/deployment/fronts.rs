//! A server of nginx as the deployment sees it: whether clients reach it, and whether they do so over TLS alone.

use super::services::Service;
use crate::model::{Model, ScopeId, Value};

/// A server.
pub(crate) struct Server(pub(crate) ScopeId);

impl Server {
    /// The server that a scope lies in.
    pub(crate) fn around(model: &Model, scope: ScopeId) -> Option<Self> {
        let kind = model.format.schema.kind_named("server")?;
        model.ancestors(scope).find(|(_, scope)| scope.kind == kind).map(|(id, _)| Self(id))
    }

    fn sockets<'m>(&self, model: &'m Model) -> impl Iterator<Item = ScopeId> + use<'m> {
        let all = model.get(self.0, "sockets").and_then(Value::as_list).unwrap_or_default();
        all.iter().filter_map(|socket| if let Value::Scope(id) = socket.value { Some(id) } else { None })
    }

    /// The ports of its sockets, as far as they are known.
    pub(crate) fn ports(&self, model: &Model) -> Vec<i64> {
        let port = |socket: ScopeId| match model.get(socket, "port") {
            Some(Value::Int(port)) => Some(*port),
            Some(value) => value.as_str().and_then(|port| port.parse().ok()),
            None => None,
        };
        self.sockets(model).filter_map(port).collect()
    }

    /// Whether all its sockets speak TLS, as far as is known.
    pub(crate) fn only_tls(&self, model: &Model) -> bool {
        let mut all = self.sockets(model).peekable();
        all.peek().is_some() && all.all(|socket| model.get(socket, "tls") == Some(&Value::Bool(true)))
    }

    /// Whether one of its sockets speaks TLS for certain.
    pub(crate) fn any_tls(&self, model: &Model) -> bool {
        self.sockets(model).any(|socket| model.get(socket, "tls") == Some(&Value::Bool(true)))
    }

    /// Whether one of its sockets is on a port that the service publishes, or shares the host's network.
    pub(crate) fn is_published(&self, model: &Model, service: &Service) -> bool {
        let mut all = self.sockets(model).peekable();
        if service.host_network || all.peek().is_none() {
            return true;
        }
        all.any(|socket| {
            let port = match model.get(socket, "port") {
                Some(Value::Int(port)) => Some(*port),
                Some(value) => value.as_str().and_then(|port| port.parse().ok()),
                None => None,
            };
            let public = model.get(socket, "public") != Some(&Value::Bool(false));
            public && port.is_none_or(|port| service.published.iter().any(|it| it.inside == port))
        })
    }
}
