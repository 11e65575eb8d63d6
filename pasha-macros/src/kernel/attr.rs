//! What is written in attributes: the options of `#[kernel]` and the role of a parameter.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, ExprPath, Ident, Meta, Path};

use crate::errors::Errors;
use crate::options::{self, Axis};

/// The options of `#[kernel(…)]`.
#[derive(Default)]
pub(crate) struct KernelOptions {
    pub(crate) krate: Option<Path>,
}

impl KernelOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut krate = None;
        for setting in options::of_tokens(tokens, errors) {
            if setting.name == "crate" {
                let path = setting.path("::pasha", errors);
                setting.once(&mut krate, path, errors);
            } else {
                let message = format!("unknown option `{}`: `#[kernel]` has `crate = path`", setting.name);
                errors.at(&setting.name, message);
            }
        }
        KernelOptions { krate }
    }
}

/// What a parameter's attribute makes of it.
pub(crate) enum Role {
    Out(Box<OutOptions>),
    PerWorker,
    Reduce(Option<Fold>),
    Scratch,
    Param,
    /// An attribute that is none of ours, which is reported.
    Unknown,
}

/// The options of `#[out(…)]`.
#[derive(Default)]
pub(crate) struct OutOptions {
    pub(crate) axis: Option<Axis>,
    pub(crate) ranges: Option<Ident>,
}

/// How the workers' results of `#[reduce(…)]` become one.
pub(crate) enum Fold {
    Sum,
    Min,
    Max,
    With(Box<With>),
}

impl Fold {
    /// The unit of the runtime that folds so; none stands for a function of the user's.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match self {
            Fold::Sum => Some("Sum"),
            Fold::Min => Some("Min"),
            Fold::Max => Some("Max"),
            Fold::With(_) => None,
        }
    }
}

/// `with = function, identity = value`
pub(crate) struct With {
    pub(crate) function: ExprPath,
    pub(crate) identity: Option<Expr>,
}

/// The attributes of one parameter, sorted.
pub(crate) struct ParameterAttrs {
    pub(crate) role: Option<Role>,
    pub(crate) docs: Vec<Attribute>,
    /// Those that stay on the function's parameter: levels of lints.
    pub(crate) kept: Vec<Attribute>,
    /// Whether there is a condition, which is reported and may hide a role.
    pub(crate) conditional: bool,
}

impl ParameterAttrs {
    pub(crate) fn parse(attrs: Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut sorted = ParameterAttrs { role: None, docs: Vec::new(), kept: Vec::new(), conditional: false };
        for attr in attrs {
            let name = attr.path().get_ident().map(ToString::to_string);
            match name.as_deref() {
                Some("doc") => sorted.docs.push(attr),
                Some("allow" | "expect" | "warn" | "deny" | "forbid") => sorted.kept.push(attr),
                Some("cfg" | "cfg_attr") => {
                    sorted.conditional = true;
                    errors.at(
                        attr,
                        "a parameter of a kernel cannot be conditional: write two kernels, each with its `#[cfg]`",
                    );
                }
                Some(name) if ROLES.contains(&name) => {
                    let role = parse_role(name, &attr, errors);
                    if sorted.role.is_none() {
                        sorted.role = Some(role);
                    } else {
                        errors.at(attr, "a parameter has one role: remove this attribute");
                    }
                }
                _ => {
                    errors.at(attr.path(), UNKNOWN);
                    sorted.role.get_or_insert(Role::Unknown);
                }
            }
        }
        sorted
    }
}

const ROLES: [&str; 5] = ["out", "per_worker", "reduce", "scratch", "param"];

const UNKNOWN: &str = "unknown attribute: a parameter of a kernel is marked `#[out]`, \
                       `#[per_worker]`, `#[reduce(…)]`, `#[scratch]` or `#[param]`, \
                       or it is the item";

fn parse_role(name: &str, attr: &Attribute, errors: &mut Errors) -> Role {
    match name {
        "out" => Role::Out(Box::new(parse_out(attr, errors))),
        "reduce" => Role::Reduce(parse_fold(attr, errors)),
        _ => {
            for setting in options::of_attribute(attr, "", errors) {
                let message = format!("`#[{name}]` has no options: remove this one");
                errors.at(&setting.name, message);
            }
            match name {
                "per_worker" => Role::PerWorker,
                "scratch" => Role::Scratch,
                _ => Role::Param,
            }
        }
    }
}

fn parse_out(attr: &Attribute, errors: &mut Errors) -> OutOptions {
    let mut out = OutOptions::default();
    for setting in options::of_attribute(attr, "axis = 1", errors) {
        if setting.name == "axis" {
            let axis = setting.axis(errors);
            setting.once(&mut out.axis, axis, errors);
        } else if setting.name == "ranges" {
            let ranges = setting.flag(errors);
            setting.once(&mut out.ranges, ranges, errors);
        } else {
            let message = format!("unknown option `{}`: `#[out]` has `axis = 1` and `ranges`", setting.name);
            errors.at(&setting.name, message);
        }
    }
    out
}

fn parse_fold(attr: &Attribute, errors: &mut Errors) -> Option<Fold> {
    let (mut word, mut function, mut identity) = (None, None, None);
    let mut is_with = false;
    let settings = options::of_attribute(attr, "sum", errors);
    for setting in &settings {
        match setting.name.to_string().as_str() {
            "sum" | "min" | "max" => {
                let flag = setting.flag(errors);
                if word.is_some() || is_with {
                    errors.at(&setting.name, ONE_FOLD);
                } else {
                    word = flag;
                }
            }
            "with" => {
                let path = setting.function(errors);
                if word.is_some() {
                    errors.at(&setting.name, ONE_FOLD);
                } else {
                    setting.once(&mut function, path, errors);
                }
                is_with = true;
            }
            "identity" => {
                let value = setting.expression(errors).map(|e| (setting.name.clone(), e));
                setting.once(&mut identity, value, errors);
            }
            name => {
                let message = format!("unknown option `{name}`: {FOLDS}");
                errors.at(&setting.name, message);
            }
        }
    }
    if !is_with && let Some((name, _)) = &identity {
        errors.at(name, "`identity` belongs to `with = path::to::function`: the others know where they start");
    }
    if settings.is_empty() && !matches!(attr.meta, Meta::NameValue(_)) {
        errors.at(attr, format!("say how the workers' results become one: {FOLDS}"));
    }
    match word.map(|word| word.to_string()).as_deref() {
        Some("sum") => Some(Fold::Sum),
        Some("min") => Some(Fold::Min),
        Some(_) => Some(Fold::Max),
        None => {
            let identity = identity.map(|(_, value)| value);
            function.map(|function| Fold::With(Box::new(With { function, identity })))
        }
    }
}

const FOLDS: &str = "`#[reduce(sum)]`, `min`, `max`, or `with = path::to::function` and \
                     `identity = value`";

const ONE_FOLD: &str = "a reduction folds in one way: remove this option or the other";
