//! Requests as small as a test needs them: one connection each, in HTTP/1.0, whose answer ends where the connection does.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The status and the body.
pub type Answer = (u16, String);

pub async fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, format!("GET {path} HTTP/1.0\r\n\r\n")).await
}

/// Posts JSON with one header more.
pub async fn post(address: SocketAddr, path: &str, header: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.0\r\nContent-Length: {length}\r\n{header}\r\n\r\n");
    send(address, head + body).await
}

async fn send(address: SocketAddr, request: String) -> Answer {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
