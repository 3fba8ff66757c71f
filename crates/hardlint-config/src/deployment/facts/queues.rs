//! Stores that workers take their tasks from, as the variables of these say.

use super::Facts;
use crate::deployment::{Member, connections};
use crate::text::Loc;

/// Programs that hold tasks, of those that workers ask.
const QUEUES: [&str; 3] = ["RabbitMQ", "Redis", "Valkey"];

/// Programs that carry out what a queue tells them.
const WORKERS: [&str; 5] = ["arq", "celery", "dramatiq", "huey", "rq"];

/// Fills in whose tasks a store holds.
pub(super) fn fill(facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    let mut asking: Vec<Vec<&Member>> = vec![Vec::new(); deployment.services.len()];
    for (client, stores) in deployment.services.iter().zip(&facts.named) {
        for store in stores {
            if let Some(clients) = asking.get_mut(*store) {
                clients.push(client);
            }
        }
    }
    for (index, (store, clients)) in deployment.services.iter().zip(asking).enumerate() {
        let asks = |it: &Member| task_source(it, store).map(|at| (it.name.clone(), vec![at]));
        let all = || clients.iter().copied().filter(|_| QUEUES.contains(&store.program));
        // Others of the project only put tasks in, but tell as well what it is.
        let worker = all().filter(|it| it.runs_any(&WORKERS)).find_map(asks);
        let (name, from) = worker.or_else(|| all().find_map(asks)).unwrap_or_default();
        facts.text(index, "queue_of", &name, from);
    }
}

/// Where a service says that it takes its tasks from a store.
fn task_source(worker: &Member, store: &Member) -> Option<Loc> {
    let names_store = |host: &str| store.service.names.iter().any(|name| name.eq_ignore_ascii_case(host));
    let works = worker.runs_any(&WORKERS);
    worker.service.variables.iter().find_map(|(name, node)| {
        let upper = name.to_ascii_uppercase();
        let is = |word: &str| upper.split('_').any(|part| part == word);
        let tells =
            is("BROKER") || is("CELERY") && is("BACKEND") || works && (is("REDIS") || is("RABBITMQ") || is("AMQP"));
        (tells && connections::names_host(name, &node.value, &names_store)).then_some(node.at)
    })
}
