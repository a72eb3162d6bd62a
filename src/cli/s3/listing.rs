//! Lists a bucket (S3 API reference, "ListObjectsV2").
//!
//! Comes in: a query. Goes out: a page. Never: a key that the store did not name.

use crate::cli::s3::client::{BucketClient, Get};
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::http;
use crate::cli::s3::patience::Patience;
use crate::cli::s3::sign;
use crate::cli::s3::xml::Element;
use crate::source::store::{Depth, ListingPage, Query};

/// Gets a page; an incomplete one is requested again.
pub(super) fn page(client: &BucketClient, query: &Query<'_>) -> Result<ListingPage, S3Error> {
    let most = query.most.to_string();
    let mut parameters = vec![
        ("list-type", "2"),
        ("encoding-type", "url"),
        ("max-keys", &most),
        ("prefix", query.prefix),
    ];
    parameters.extend(query.token.map(|token| ("continuation-token", token)));
    parameters.extend(query.after.map(|after| ("start-after", after)));
    match query.depth {
        Depth::Folder => parameters.push(("delimiter", "/")),
        Depth::Everything => {}
    }
    let get = Get {
        key: "",
        query: &sign::query(&parameters),
        headers: &[],
    };
    let mut patience = Patience::new(query.prefix);
    loop {
        let response = client.get(&get, &mut patience)?;
        let failure = match http::text(response) {
            Ok(text) => match parse(&text) {
                Some(page) => return Ok(page),
                None => S3Error::NotS3 { what: "listing" },
            },
            Err(error) => S3Error::Broken {
                reason: error.to_string(),
            },
        };
        patience.wait(failure)?;
    }
}

fn parse(text: &str) -> Option<ListingPage> {
    let result = Element::parse(text).filter(|root| root.name() == "ListBucketResult")?;
    let is_encoded = result.text("EncodingType") == Some("url");
    let key = |text: &str| match is_encoded {
        true => decode(text),
        false => text.to_owned(),
    };
    let mut page = ListingPage::default();
    for object in result.all("Contents") {
        let size_bytes = object.text("Size")?.parse().ok()?;
        page.objects.push((key(object.text("Key")?), size_bytes));
    }
    for folder in result.all("CommonPrefixes") {
        page.folders.push(key(folder.text("Prefix")?));
    }
    if result.text("IsTruncated") == Some("true") {
        page.next = Some(result.text("NextContinuationToken")?.to_owned());
    }
    Some(page)
}

/// Undoes the encoding of a key, which is that of a form, with `+` for a space.
fn decode(text: &str) -> String {
    String::from_utf8_lossy(&unescaped(&text.replace('+', " "))).into_owned()
}

/// The bytes of a text with its percent-escapes resolved (RFC 3986, section 2.1); a broken escape stays.
pub(super) fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let value = match (byte, after.get(..2)) {
            (b'%', Some(digits)) => hexadecimal(digits),
            _ => None,
        };
        bytes.push(value.unwrap_or(*byte));
        rest = match value {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    bytes
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let is_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digits.then(|| u8::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_objects_folders_and_a_way_on() {
        let text = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
            <Contents><Key>a+b%2Bc%C3%BC</Key><Size>12</Size></Contents>\
            <CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>\
            <NextContinuationToken>1/x==</NextContinuationToken></ListBucketResult>";
        let page = ListingPage {
            objects: vec![("a b+cü".to_owned(), 12)],
            folders: vec!["d/".to_owned()],
            next: Some("1/x==".to_owned()),
        };
        assert_eq!(parse(text), Some(page));
    }

    #[test]
    fn what_is_no_listing_is_none() {
        for text in [
            "<html></html>",
            "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "<ListBucketResult><Contents>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(decode("%zz%4"), "%zz%4");
    }
}
