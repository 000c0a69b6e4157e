//! Reading and writing through the one of several kinds of connection that is there.

/// Reads from and writes to the value of each of these variants.
macro_rules! pass_on {
    ($kind:ident { $($variant:ident),+ }) => {
        impl tokio::io::AsyncRead for $kind {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buffer: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                match &mut *self {
                    $(Self::$variant(inner) => std::pin::Pin::new(inner).poll_read(cx, buffer)),+
                }
            }
        }

        impl tokio::io::AsyncWrite for $kind {
            fn poll_write(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                match &mut *self {
                    $(Self::$variant(inner) => std::pin::Pin::new(inner).poll_write(cx, bytes)),+
                }
            }

            fn poll_write_vectored(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                slices: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                match &mut *self {
                    $(Self::$variant(inner) => std::pin::Pin::new(inner).poll_write_vectored(cx, slices)),+
                }
            }

            fn is_write_vectored(&self) -> bool {
                match self {
                    $(Self::$variant(inner) => inner.is_write_vectored()),+
                }
            }

            fn poll_flush(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                match &mut *self {
                    $(Self::$variant(inner) => std::pin::Pin::new(inner).poll_flush(cx)),+
                }
            }

            fn poll_shutdown(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                match &mut *self {
                    $(Self::$variant(inner) => std::pin::Pin::new(inner).poll_shutdown(cx)),+
                }
            }
        }
    };
}

pub(super) use pass_on;
