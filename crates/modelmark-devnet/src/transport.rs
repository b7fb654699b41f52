//! The chain as an alloy transport, so that a provider works on it without a socket.

use std::borrow::Cow;
use std::task::{Context, Poll};

use alloy::rpc::json_rpc::{ErrorPayload, RequestPacket, Response, ResponsePacket, ResponsePayload, SerializedRequest};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use serde_json::Value;
use serde_json::value::to_raw_value;
use tokio::runtime::Handle;
use tower::Service;

use crate::{Devnet, RpcError};

/// Inside a tokio runtime, of any flavour, requests run on its blocking threads and so never hold up other tasks; elsewhere they run at once.
impl Service<RequestPacket> for Devnet {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> TransportFut<'static> {
        let devnet = self.clone();
        Box::pin(async move {
            match Handle::try_current() {
                Ok(runtime) => runtime.spawn_blocking(move || answer(&devnet, packet)).await.map_err(TransportErrorKind::custom)?,
                Err(_) => answer(&devnet, packet),
            }
        })
    }
}

fn answer(devnet: &Devnet, packet: RequestPacket) -> Result<ResponsePacket, TransportError> {
    Ok(match packet {
        RequestPacket::Single(request) => ResponsePacket::Single(answer_one(devnet, &request)?),
        RequestPacket::Batch(requests) => {
            ResponsePacket::Batch(requests.iter().map(|request| answer_one(devnet, request)).collect::<Result<_, _>>()?)
        }
    })
}

fn answer_one(devnet: &Devnet, request: &SerializedRequest) -> Result<Response, TransportError> {
    let params = request.params().map_or(Ok(Value::Null), |params| serde_json::from_str(params.get())).map_err(TransportError::ser_err)?;
    let payload = match devnet.request(request.method(), params) {
        Ok(value) => ResponsePayload::Success(to_raw_value(&value).map_err(TransportError::ser_err)?),
        Err(error) => ResponsePayload::Failure(failure(error)?),
    };
    Ok(Response { id: request.id().clone(), payload })
}

fn failure(error: RpcError) -> Result<ErrorPayload, TransportError> {
    let data = error.data.map(|data| to_raw_value(&data)).transpose().map_err(TransportError::ser_err)?;
    Ok(ErrorPayload { code: error.code, message: Cow::Owned(error.message), data })
}
