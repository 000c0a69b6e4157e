//! One call from its head to the answer of its handler: admitted, judged, read, carried out.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::arriving::Arriving;
use super::body;
use super::call::{Admitted, Call};
use super::class::Class;
use super::door::Refusal;
use super::head::Head;
use super::limits::network;
use super::namespace::Namespace;
use super::operation::Operation;
use super::parts::Parts;
use super::permission::Body;
use super::placeholder;
use super::respond::Answer;
use crate::error::{Error, Kind, Result};

/// A request that has been read completely.
#[derive(Clone)]
struct Asked {
    head: Arc<Head>,
    namespace: Namespace,
    body: Bytes,
    is_form: bool,
}

impl Parts {
    /// The answer of the operation.
    ///
    /// # Errors
    /// Whatever stood in the way, by the kind that the client is told.
    pub(super) async fn handle(
        &self,
        mut head: Head,
        operation: &Operation,
        arriving: &mut Arriving,
    ) -> Result<Answer> {
        if operation.class == Class::Probe {
            let (head, namespace) = (Arc::new(head), Namespace::system());
            let asked = Asked { head, namespace, body: Bytes::new(), is_form: false };
            return self.call(asked, operation, Admitted::default()).await;
        }
        if self.is_draining.load(Ordering::Relaxed) {
            return Err(Error::unavailable("This server is shutting down. Try again in a few seconds.", 5));
        }
        arriving.check_length(operation)?;
        spend(&head, operation).and_then(|()| self.admission.check_call(operation))?;
        let settled = (!placeholder::stands_in(&head)).then(|| Namespace::of(operation.acts_in, &head));
        let admitted = match self.let_in(&head, operation, settled.as_ref()).await {
            Ok(admitted) => admitted,
            Err(refusal) => return Err(self.refused(&head, operation, refusal).await),
        };
        let tenant = admitted.tenant.as_ref().map(|tenant| tenant.id);
        self.admission.check(operation, tenant)?;
        let (body, is_form) = self.read_body(&head, operation, arriving).await?;
        head.check_texts(operation.is_page)?;
        let namespace = match settled {
            Some(namespace) => namespace,
            None => {
                placeholder::resolve(&mut head, operation, &body::values(&body, is_form)?)?;
                let namespace = Namespace::of(operation.acts_in, &head);
                if let Err(error) = self.gate.judge(&head, operation, &namespace, &admitted) {
                    return Err(self.refused(&head, operation, Refusal { error, admitted }).await);
                }
                namespace
            }
        };
        // The place is taken only now: a body that does not arrive must not keep other calls out.
        let place = self.admission.enter(operation, tenant)?;
        let asked = Asked { head: Arc::new(head), namespace, body, is_form };
        let outcome = self.carry_out(&asked, operation, admitted).await;
        match outcome {
            Ok(answer) => Ok(answer.holding(place)),
            Err(refusal) => {
                drop(place);
                Err(self.refused(&asked.head, operation, refusal).await)
            }
        }
    }

    /// The body, and whether it is a form.
    async fn read_body(&self, head: &Head, operation: &Operation, arriving: &mut Arriving) -> Result<(Bytes, bool)> {
        Ok(match operation.body {
            Body::None => (Bytes::new(), false),
            Body::Json | Body::Lines | Body::File => (arriving.read(operation, self.limits.body).await?, false),
            Body::Form => {
                let body = arriving.read(operation, self.limits.body).await?;
                (body, body::is_form(head)?)
            }
        })
    }

    /// The caller, as admitted. If the path has a placeholder that the body resolves, the caller is only identified here
    /// and judged later.
    async fn let_in(
        &self,
        head: &Head,
        operation: &Operation,
        namespace: Option<&Namespace>,
    ) -> Result<Admitted, Refusal> {
        let Some(namespace) = namespace else { return self.gate.identify(head, operation).await };
        match self.gate.presume(head, operation, namespace) {
            Some(admitted) => Ok(admitted),
            None => self.admit(head, operation, namespace).await,
        }
    }

    async fn admit(&self, head: &Head, operation: &Operation, namespace: &Namespace) -> Result<Admitted, Refusal> {
        let admitted = self.gate.identify(head, operation).await?;
        match self.gate.judge(head, operation, namespace, &admitted) {
            Ok(()) => Ok(admitted),
            Err(error) => Err(Refusal { error, admitted }),
        }
    }

    /// Calls the handler for the admitted caller. If the verb finds that outdated, the gate is asked and the handler
    /// called once more.
    async fn carry_out(&self, asked: &Asked, operation: &Operation, admitted: Admitted) -> Result<Answer, Refusal> {
        match self.call(asked.clone(), operation, admitted.clone()).await {
            Err(failure) if failure.kind == Kind::Outdated => {
                let admitted = self.admit(&asked.head, operation, &asked.namespace).await?;
                let outcome = self.call(asked.clone(), operation, admitted.clone()).await;
                outcome.map_err(|error| Refusal { error, admitted })
            }
            outcome => outcome.map_err(|error| Refusal { error, admitted }),
        }
    }

    /// The error for the client. A forbidden call leaves an audit record, wherever it was refused; if there is no place
    /// to write the record, the client gets 503 instead.
    async fn refused(&self, head: &Head, operation: &Operation, Refusal { error, admitted }: Refusal) -> Error {
        let is_kept = error.kind == Kind::Forbidden;
        if let Some(trace) = is_kept.then(|| self.gate.trace(head, operation, &admitted)).flatten() {
            match self.admission.enter_record(trace.tenant) {
                Ok(_place) => self.gate.record_refusal(trace).await,
                Err(busy) => return busy,
            }
        }
        error
    }

    async fn call(&self, asked: Asked, operation: &Operation, admitted: Admitted) -> Result<Answer> {
        let (store, random, contents) = (self.store.clone(), self.random.clone(), Arc::clone(self.router.contents()));
        let Asked { head, namespace, body, is_form } = asked;
        let call = Call { head, namespace, body, is_form, store, random, admitted, operation: operation.id, contents };
        (operation.handler)(call).await
    }
}

/// Takes one call from the address's allowance.
fn spend(head: &Head, operation: &Operation) -> Result<()> {
    let allowance = operation.per_address.as_ref();
    allowance.map_or(Ok(()), |allowance| allowance.take(network(head.address), head.now))
}
