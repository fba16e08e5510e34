//! The frame of every page.

pub use crate::encoders::html::escape;

/// A whole document around `body`, which is HTML already.
pub fn frame(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>\
         <link rel=\"stylesheet\" href=\"/static/style.css\"><link rel=\"icon\" href=\"/favicon.ico\" type=\"image/svg+xml\"></head>\
         <body><header><a class=\"brand\" href=\"/browse/\">Tile</a><nav><a href=\"/docs\">Routes</a></nav></header><main>{body}</main></body></html>\n",
        escape(title)
    )
}
