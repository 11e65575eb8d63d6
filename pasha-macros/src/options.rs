//! Options between the parentheses of an attribute: `axis = 1, ranges`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprPath, Ident, Lit, Meta, Path, Token};

use crate::errors::Errors;

/// One option: a word, or a word and its value.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    value: Option<Expr>,
}

/// The options of `#[name(…)]`; none of a bare `#[name]`. `example` is such an option, if the attribute has any.
pub(crate) fn of_attribute(attribute: &Attribute, example: &str, errors: &mut Errors) -> Vec<Setting> {
    match &attribute.meta {
        Meta::Path(_) => Vec::new(),
        Meta::List(list) => of_tokens(list.tokens.clone(), errors),
        Meta::NameValue(value) => {
            let name = value.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let message = match example {
                "" => format!("`#[{name}]` has no options: write it alone"),
                example => format!("write options in parentheses: `#[{name}({example})]`"),
            };
            errors.at(value, message);
            Vec::new()
        }
    }
}

/// The options in `tokens`, which are what stands between the parentheses.
pub(crate) fn of_tokens(tokens: TokenStream, errors: &mut Errors) -> Vec<Setting> {
    match Punctuated::<Setting, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(settings) => settings.into_iter().collect(),
        Err(error) => {
            let message = format!("{error}: an option is a word, or `word = value`");
            errors.at_span(error.span(), message);
            Vec::new()
        }
    }
}

impl Setting {
    /// Sets `to` unless it is set already, which is reported.
    pub(crate) fn once<T>(&self, to: &mut Option<T>, value: Option<T>, errors: &mut Errors) {
        if to.is_some() {
            errors.at(&self.name, format!("`{}` is given twice: remove one", self.name));
        } else {
            *to = value;
        }
    }

    /// A word that takes no value.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<Ident> {
        if let Some(value) = &self.value {
            let message = format!("`{}` takes no value: write the word alone", self.name);
            errors.at(value, message);
        }
        Some(self.name.clone())
    }

    /// A number of an axis.
    pub(crate) fn axis(&self, errors: &mut Errors) -> Option<Axis> {
        let value = self.value("1", errors)?;
        if let Expr::Lit(literal) = value
            && let Lit::Int(number) = &literal.lit
            && matches!(number.suffix(), "" | "usize")
            && let Ok(number) = number.base10_parse()
        {
            return Some(Axis { number, original: value.clone() });
        }
        let message = format!("write the number of an axis: `{} = 1`", self.name);
        errors.at(value, message);
        None
    }

    /// A path to a function, with its generic arguments if it has any.
    pub(crate) fn function(&self, errors: &mut Errors) -> Option<ExprPath> {
        match self.value("path::to::function", errors)? {
            Expr::Path(path) => Some(path.clone()),
            other => {
                let message = format!("write the path of a function: `{} = path::to::function`", self.name);
                errors.at(other, message);
                None
            }
        }
    }

    /// A path, as of a module.
    pub(crate) fn path(&self, example: &str, errors: &mut Errors) -> Option<Path> {
        match self.value(example, errors)? {
            Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
            other => {
                let message = format!("write a path, without quotes: `{} = {example}`", self.name);
                errors.at(other, message);
                None
            }
        }
    }

    /// A name for something new.
    pub(crate) fn ident(&self, example: &str, errors: &mut Errors) -> Option<Ident> {
        let value = self.value(example, errors)?;
        if let Expr::Path(path) = value
            && let Some(ident) = path.path.get_ident()
        {
            return Some(ident.clone());
        }
        let message = format!("write a name, without quotes: `{} = {example}`", self.name);
        errors.at(value, message);
        None
    }

    /// Any expression.
    pub(crate) fn expression(&self, errors: &mut Errors) -> Option<Expr> {
        self.value("expression", errors).cloned()
    }

    fn value(&self, example: &str, errors: &mut Errors) -> Option<&Expr> {
        let Some(mut value) = self.value.as_ref() else {
            let message = format!("`{0}` needs a value: `{0} = {example}`", self.name);
            errors.at(&self.name, message);
            return None;
        };
        while let Expr::Group(group) = value {
            value = &group.expr;
        }
        Some(value)
    }
}

/// An axis and the tokens it was written with.
pub(crate) struct Axis {
    pub(crate) number: usize,
    pub(crate) original: Expr,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Setting { name, value })
    }
}
