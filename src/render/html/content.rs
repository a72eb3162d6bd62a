//! What a push consists of: the tables of its layers and of its manifests.
//!
//! Comes in: a push's row. Goes out: a table for each, with whole digests and ids. Never: a
//! shortened id that the page shows nowhere in full.

use std::collections::HashMap;

use crate::event::BlobKind;
use crate::render::html::columns;
use crate::render::html::markup::Markup;
use crate::report::story::step::short_digest;
use crate::report::{LayerRow, LayerState, ManifestState, SessionRow, Text};
use crate::words;

/// The most rows of a table that is open at first.
const SHORT: usize = 12;

/// Opens a table that folds away, with its heading.
pub(super) fn open(name: &'static str, n: usize, is_open: bool, page: &mut Markup) {
    page.raw("<details class=more")
        .raw(if is_open { " open" } else { "" })
        .raw("><summary><h4>")
        .raw(name)
        .raw(" <small>")
        .text(&words::number(n as u64))
        .raw("</small></h4></summary><div class=wide role=group tabindex=0 aria-label=\"")
        .raw(name)
        .raw("\"><table>");
}

/// Closes the element that [`open`] opened.
pub(super) fn close(page: &mut Markup) {
    page.raw("</table></div></details>\n");
}

/// A link to another push.
pub(super) fn push_link(id: &str, page: &mut Markup) {
    page.raw("<a href=#p-")
        .text(id)
        .raw("><code>")
        .text(id)
        .raw("</code></a>");
}

/// The number of each upload in the table of layers.
pub(super) type Uploads<'r> = HashMap<&'r str, usize>;

/// Writes the table of layers, and returns the number of each upload in it.
pub(super) fn layers<'r>(push: &'r SessionRow<'_>, page: &mut Markup) -> Uploads<'r> {
    let mut uploads = Uploads::new();
    if push.layers.is_empty() {
        return uploads;
    }
    let n = push.layers.len();
    open("Layers and configs", n, n <= SHORT, page);
    columns(
        &["No.", "What", "Size", "State", "Parts", "Digest and upload"],
        page,
    );
    for (number, layer) in (1..).zip(&push.layers) {
        if let Some(upload) = layer.upload_id.as_deref() {
            uploads.insert(upload, number);
        }
        row(number, layer, page);
    }
    close(page);
    uploads
}

fn row(number: usize, layer: &LayerRow<'_>, page: &mut Markup) {
    page.raw(match layer.state {
        LayerState::Unfinished | LayerState::Refused => "<tr class=no><td>",
        LayerState::Uploaded | LayerState::Reused | LayerState::AlreadyExists => "<tr><td>",
    })
    .text(&words::number(number as u64))
    .raw("<td>")
    .raw(layer.kind.map_or("blob", BlobKind::name))
    .raw("<td class=q>");
    match layer.size_bytes {
        Some(size) => page.text(&words::size(size)),
        None => page.raw("not known"),
    };
    page.raw("<td>").raw(match (layer.state, layer.shown_by) {
        (LayerState::AlreadyExists, _) => "sent though there already",
        (LayerState::Reused, Some(_)) => "there already",
        (LayerState::Reused, None) => "not uploaded in this log",
        (LayerState::Uploaded | LayerState::Unfinished | LayerState::Refused, _) => {
            layer.state.name()
        }
    });
    if let Some(other) = &layer.uploaded_by {
        page.raw(", by push ");
        push_link(other, page);
    }
    page.raw("<td>");
    if layer.upload_id.is_some() {
        page.text(&words::number(layer.parts));
    }
    for (first, last) in layer.holes.iter().take(SHORT) {
        page.raw("<small>bytes ")
            .text(&words::number(*first))
            .raw(" to ")
            .text(&words::number(*last))
            .raw(" missing</small>");
    }
    if layer.holes.len() > SHORT {
        page.raw("<small>… and ")
            .text(&words::count(
                (layer.holes.len() - SHORT) as u64,
                "more hole",
            ))
            .raw("</small>");
    }
    let digest = layer.digest.as_deref().unwrap_or("digest never named");
    page.raw("<td").class_of(digest).raw(">").whole(digest);
    if let Some(upload) = &layer.upload_id {
        page.raw("<small")
            .class_of(upload)
            .raw(">upload ")
            .whole(upload)
            .raw("</small>");
    }
    // With one manifest this is obvious.
    if layer.of.len() > 1 {
        let of: Vec<String> = layer.of.iter().map(|of| short_digest(of)).collect();
        page.raw("<small>of ")
            .text(&words::list(&of))
            .raw("</small>");
    }
    page.raw("\n");
}

fn tags(tags: &[Text<'_>], page: &mut Markup) {
    for (place, tag) in tags.iter().enumerate() {
        page.raw(if place == 0 { "<bdi>" } else { ", <bdi>" })
            .whole(tag)
            .raw("</bdi>");
    }
}

/// Writes the table of manifests.
pub(super) fn manifests(push: &SessionRow<'_>, page: &mut Markup) {
    if push.manifests.is_empty() {
        return;
    }
    let n = push.manifests.len();
    open("Manifests", n, n <= SHORT, page);
    columns(
        &["What", "Tags", "Platform", "Size", "State", "Digest"],
        page,
    );
    for row in &push.manifests {
        page.raw(if row.state == ManifestState::Refused {
            "<tr class=no><td>"
        } else {
            "<tr><td>"
        })
        .text(row.what.as_deref().unwrap_or("content not in the log"))
        .raw(if row.root { ", root" } else { "" });
        if let Some(media_type) = &row.media_type {
            page.raw("<small>").text(media_type).raw("</small>");
        }
        page.raw("<td>");
        tags(&row.tags, page);
        if !row.refused_tags.is_empty() {
            page.raw("<small>refused: ");
            tags(&row.refused_tags, page);
            page.raw("</small>");
        }
        page.raw("<td>")
            .text(row.platform.as_deref().unwrap_or_default())
            .raw("<td class=q>");
        if let Some(size) = row.size_bytes {
            page.text(&words::size(size));
        }
        page.raw("<td>").raw(match row.state {
            ManifestState::Omitted => "put, left out of the log",
            ManifestState::Put | ManifestState::Reused | ManifestState::Refused => row.state.name(),
        });
        if let Some(other) = &row.put_by {
            page.raw(", by push ");
            push_link(other, page);
        }
        let digest = row.digest.as_deref().unwrap_or("not in the log");
        page.raw("<td").class_of(digest).raw(">").whole(digest);
        if let Some(subject) = &row.subject {
            page.raw("<small>about ").whole(subject).raw("</small>");
        }
        page.raw("\n");
    }
    close(page);
}
