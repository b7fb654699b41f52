//! A server that runs until somebody interrupts it.

use std::fmt::Debug;
use std::time::Duration;

use axum::serve::Listener;
use tokio::sync::oneshot;

use crate::commands::devnet::interrupted;
use crate::error::{OrKind as _, Result};

/// How long open connections may take to end when the server is stopped.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// Serves until somebody interrupts, and then for as long as open answers take, but not for longer than `grace`.
pub(crate) async fn serve<L>(listener: L, app: axum::Router, grace: Duration) -> Result<()>
where
    L: Listener,
    L::Addr: Debug,
{
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        // Dropped when the interrupt came.
        let _ = stopped.await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return ended.or_unreachable()?.or_unreachable(),
        () = interrupted() => drop(stop),
    }
    match tokio::time::timeout(grace, &mut server).await {
        Ok(ended) => ended.or_unreachable()?.or_unreachable(),
        Err(_) => {
            server.abort();
            Ok(())
        }
    }
}
