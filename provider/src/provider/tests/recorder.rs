//! A server on this machine that stands for STS and for a proxy.

use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server that writes down what it is asked.
pub struct Recorder {
    pub url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

/// How it answers.
#[derive(Clone, Copy)]
pub enum Answers {
    /// As STS.
    Sts,
    /// As a server in trouble.
    Trouble,
}

impl Recorder {
    pub async fn new(answers: Answers) -> Self {
        Self::listening("http", answers, None).await
    }

    /// One that is spoken to over TLS.
    pub async fn secure(answers: Answers, tls: ServerConfig) -> Self {
        Self::listening("https", answers, Some(TlsAcceptor::from(Arc::new(tls)))).await
    }

    async fn listening(scheme: &str, answers: Answers, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let writes = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, heard) = (tls.clone(), Arc::clone(&writes));
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, answers, heard).await,
                        // Who does not trust us hangs up: then nothing is asked.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream, answers, heard).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, heard }
    }

    /// What it was asked.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Begins anew.
    pub fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: Answers,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let request = read(&mut stream).await;
    heard.lock().unwrap().push(request.clone());
    let (status, body) = match answers {
        Answers::Trouble => ("503 Service Unavailable", String::new()),
        Answers::Sts if request.starts_with("CONNECT") => ("403 Forbidden", String::new()),
        Answers::Sts if request.contains("Action=GetCallerIdentity") => ("200 OK", identity()),
        Answers::Sts if request.contains("Action=AssumeRoleWithWebIdentity") => {
            ("200 OK", credentials("AssumeRoleWithWebIdentity", "ASIATOKEN"))
        }
        Answers::Sts => ("200 OK", credentials("AssumeRole", "ASIAROLE")),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

/// One request, to the end of its body.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

fn identity() -> String {
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
     <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        .to_owned()
}

fn credentials(action: &str, id: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
         <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>session-of-{id}</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    )
}
