//! Which of an item's generics some types use, and the generics cut down to those.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{GenericParam, Generics, Ident, Lifetime, Macro, Path, Type, TypeParamBound, WherePredicate};

use crate::types;

/// The names of generic parameters; lifetimes with their apostrophe.
#[derive(Clone, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// Those of the parameters of `generics` that `visit` comes across.
    pub(crate) fn met(generics: &Generics, visit: impl FnOnce(&mut Usage<'_>)) -> Self {
        let mut usage = Usage { generics, names: Names::default() };
        visit(&mut usage);
        usage.names
    }

    /// Those of the parameters of `generics` that `types` mention.
    pub(crate) fn in_types<'t>(generics: &Generics, types: impl IntoIterator<Item = &'t Type>) -> Self {
        Names::met(generics, |usage| {
            types.into_iter().for_each(|ty| usage.visit_type(ty));
        })
    }

    pub(crate) fn has(&self, param: &GenericParam) -> bool {
        self.0.contains(&name_of(param))
    }

    pub(crate) fn has_lifetime(&self, lifetime: &Lifetime) -> bool {
        self.0.contains(&lifetime.to_string())
    }

    /// Whether there is a type or a constant among them.
    pub(crate) fn has_types(&self) -> bool {
        self.0.iter().any(|name| !name.starts_with('\''))
    }

    pub(crate) fn has_lifetimes(&self) -> bool {
        self.0.iter().any(|name| name.starts_with('\''))
    }

    pub(crate) fn union(mut self, other: &Names) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// Whether all of `other` are among them.
    pub(crate) fn cover(&self, other: &Names) -> bool {
        other.0.is_subset(&self.0)
    }
}

/// `generics` cut down to the parameters in `names`, without the bounds and predicates that
/// mention another one, and without defaults.
pub(crate) fn restrict(generics: &Generics, names: &Names) -> Generics {
    let mut kept = generics.clone();
    kept.params = generics
        .params
        .iter()
        .filter(|param| names.has(param))
        .map(|param| restrict_param(generics, param, names))
        .collect();
    if let Some(clause) = &mut kept.where_clause {
        clause.predicates = std::mem::take(&mut clause.predicates)
            .into_iter()
            .filter(|predicate| {
                names.cover(&Names::met(generics, |usage| {
                    usage.visit_where_predicate(predicate);
                }))
            })
            .collect();
    }
    if kept.params.is_empty() {
        kept.lt_token = None;
        kept.gt_token = None;
    }
    kept
}

/// Whether `ty` is a type parameter that is said to be a `name` already.
pub(crate) fn is_bounded(generics: &Generics, ty: &Type, name: &str) -> bool {
    let Some(param) = types::single_word(ty) else {
        return false;
    };
    let in_list = generics.type_params().filter(|other| other.ident == param);
    let in_list = in_list.flat_map(|param| &param.bounds);
    let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let in_clauses = clauses.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(predicate),
        _ => None,
    });
    let in_clauses = in_clauses.filter(|predicate| types::single_word(&predicate.bounded_ty).as_ref() == Some(&param));
    let mut bounds = in_list.chain(in_clauses.flat_map(|predicate| &predicate.bounds));
    bounds.any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    })
}

fn restrict_param(generics: &Generics, param: &GenericParam, names: &Names) -> GenericParam {
    let mut param = param.clone();
    match &mut param {
        GenericParam::Lifetime(lifetime) => {
            lifetime.bounds = std::mem::take(&mut lifetime.bounds)
                .into_iter()
                .filter(|bound| bound.ident == "static" || names.has_lifetime(bound))
                .collect();
        }
        GenericParam::Type(ty) => {
            ty.eq_token = None;
            ty.default = None;
            ty.bounds = restrict_bounds(generics, &ty.bounds, names);
        }
        GenericParam::Const(constant) => {
            constant.eq_token = None;
            constant.default = None;
        }
    }
    param
}

fn restrict_bounds(
    generics: &Generics,
    bounds: &Punctuated<TypeParamBound, syn::Token![+]>,
    names: &Names,
) -> Punctuated<TypeParamBound, syn::Token![+]> {
    bounds
        .iter()
        .filter(|bound| {
            names.cover(&Names::met(generics, |usage| {
                usage.visit_type_param_bound(bound);
            }))
        })
        .cloned()
        .collect()
}

fn name_of(param: &GenericParam) -> String {
    match param {
        GenericParam::Lifetime(param) => param.lifetime.to_string(),
        GenericParam::Type(param) => param.ident.to_string(),
        GenericParam::Const(param) => param.ident.to_string(),
    }
}

/// Collects the generic parameters met in a walk.
pub(crate) struct Usage<'g> {
    generics: &'g Generics,
    names: Names,
}

impl Usage<'_> {
    fn met(&mut self, name: String) {
        if self.generics.params.iter().any(|p| name_of(p) == name) {
            self.names.0.insert(name);
        }
    }

    fn met_ident(&mut self, ident: &Ident) {
        self.met(ident.to_string());
    }

    fn met_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => self.met_ident(&ident),
                TokenTree::Group(group) => self.met_tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

impl Visit<'_> for Usage<'_> {
    fn visit_lifetime(&mut self, lifetime: &Lifetime) {
        self.met(lifetime.to_string());
    }

    fn visit_path(&mut self, path: &Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            self.met_ident(&first.ident);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &Macro) {
        self.met_tokens(mac.tokens.clone());
    }
}
