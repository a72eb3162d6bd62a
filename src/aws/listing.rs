//! Lists a bucket (S3 API reference, "ListObjectsV2").
//!
//! Comes in: a query. Goes out: a page. Never: a key that the store did not name.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;

use crate::aws::bucket::BucketClient;
use crate::aws::failure::AwsError;
use crate::source::store::{Depth, ListedObject, ListingPage, Query};
use crate::source::unescaped;

/// Gets a page; an incomplete one is requested again.
pub(super) fn page(client: &BucketClient, query: &Query<'_>) -> Result<ListingPage, AwsError> {
    let mut patience = client.patience(query.prefix);
    let delimiter = match query.depth {
        Depth::Folder => Some("/".to_owned()),
        Depth::Everything => None,
    };
    loop {
        let answer = client.send(&mut patience, |to| {
            to.list_objects_v2()
                .bucket(&client.name)
                .encoding_type(EncodingType::Url)
                .max_keys(query.most.into())
                .prefix(query.prefix)
                .set_delimiter(delimiter.clone())
                .set_start_after(query.after.map(str::to_owned))
                .set_continuation_token(query.token.map(str::to_owned))
                .set_request_payer(client.payer())
                .send()
        })?;
        match read(&answer) {
            Some(page) => return Ok(page),
            None => {
                let failure = AwsError::Foreign {
                    what: "listing of S3",
                    reason: "an entry lacks its name or size".to_owned(),
                };
                client.wait(&mut patience, failure)?;
            }
        }
    }
}

fn read(answer: &ListObjectsV2Output) -> Option<ListingPage> {
    let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
    let key = |text: &str| match is_encoded {
        true => decode(text),
        false => text.to_owned(),
    };
    let mut page = ListingPage::default();
    for object in answer.contents() {
        let size_bytes = object.size()?.try_into().ok()?;
        page.objects.push(ListedObject {
            key: key(object.key()?),
            size_bytes,
            tag: object.e_tag().map(str::to_owned),
        });
    }
    for folder in answer.common_prefixes() {
        page.folders.push(key(folder.prefix()?));
    }
    if answer.is_truncated() == Some(true) {
        page.next = Some(answer.next_continuation_token()?.to_owned());
    }
    Some(page)
}

/// Undoes the encoding of a key, which is that of a form, with `+` for a space.
fn decode(text: &str) -> String {
    String::from_utf8_lossy(&unescaped(&text.replace('+', " "))).into_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{CommonPrefix, Object};

    use super::*;

    #[test]
    fn a_page_has_objects_folders_and_a_way_on() {
        let answer = ListObjectsV2Output::builder()
            .encoding_type(EncodingType::Url)
            .contents(
                Object::builder()
                    .key("a+b%2Bc%C3%BC")
                    .size(12)
                    .e_tag("\"9b2c\"")
                    .build(),
            )
            .common_prefixes(CommonPrefix::builder().prefix("d/").build())
            .is_truncated(true)
            .next_continuation_token("1/x==");
        let page = ListingPage {
            objects: vec![ListedObject {
                key: "a b+cü".to_owned(),
                size_bytes: 12,
                tag: Some("\"9b2c\"".to_owned()),
            }],
            folders: vec!["d/".to_owned()],
            next: Some("1/x==".to_owned()),
        };
        assert_eq!(read(&answer.build()), Some(page));
    }

    #[test]
    fn what_lacks_a_part_is_no_page() {
        let answer = ListObjectsV2Output::builder;
        let sizeless = Object::builder().key("a").build();
        let negative = Object::builder().key("a").size(-1).build();
        for answer in [
            answer().contents(sizeless),
            answer().contents(negative),
            answer().is_truncated(true),
        ] {
            assert_eq!(read(&answer.build()), None);
        }
    }
}
