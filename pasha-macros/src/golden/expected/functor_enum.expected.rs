#[allow(trivial_bounds, unused_qualifications)]
const _: () = {
    use ::pasha::__private as __p;
    #[automatically_derived]
    impl<'__item, F> __p::Items<'__item> for Source<F>
    where
        F: __p::Functor,
        Columns: __p::AxisFunctor,
        F: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, Vec<f64>>>,
        Columns: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, Vec<f64>>>,
    {
        type Item = __p::Item<'__item, Vec<f64>>;
    }
    #[automatically_derived]
    impl<F> __p::Functor for Source<F>
    where
        F: __p::Functor,
        Columns: __p::AxisFunctor,
        F: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, Vec<f64>>>,
        Columns: for<'__x> __p::Items<'__x, Item = __p::Item<'__x, Vec<f64>>>,
    {
        type State = __p::Either<
            <Vec<f64> as __p::Functor>::State,
            __p::Either<<F as __p::Functor>::State, ()>,
        >;
        fn items(&self) -> __p::Result<usize> {
            match self {
                Self::Memory { 0: __functor, .. } => __p::Functor::items(__functor),
                Self::File { values: __functor, .. } => __p::Functor::items(__functor),
                Self::Columns { 0: __functor, .. } => {
                    __p::AxisFunctor::items_along(__functor, 1usize)
                }
            }
        }
        fn state(&self) -> __p::Result<Self::State> {
            match self {
                Self::Memory { 0: __functor, .. } => {
                    ::core::result::Result::Ok(
                        __p::Either::A(__p::Functor::state(__functor)?),
                    )
                }
                Self::File { values: __functor, .. } => {
                    ::core::result::Result::Ok(
                        __p::Either::B(__p::Either::A(__p::Functor::state(__functor)?)),
                    )
                }
                Self::Columns { 0: __functor, .. } => {
                    ::core::result::Result::Ok(__p::Either::B(__p::Either::B(())))
                }
            }
        }
        #[inline]
        fn item<'__a>(
            &'__a self,
            __state: &'__a mut Self::State,
            __index: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            match (self, __state) {
                (Self::Memory { 0: __functor, .. }, __p::Either::A(__own)) => {
                    __p::Functor::item(__functor, __own, __index)
                }
                (
                    Self::File { values: __functor, .. },
                    __p::Either::B(__p::Either::A(__own)),
                ) => __p::Functor::item(__functor, __own, __index),
                (
                    Self::Columns { 0: __functor, .. },
                    __p::Either::B(__p::Either::B(__own)),
                ) => __p::AxisFunctor::item_along(__functor, 1usize, __index),
                _ => __p::state_of_another_variant(),
            }
        }
        #[inline]
        fn visit(
            &self,
            __state: &mut Self::State,
            __share: ::core::ops::Range<usize>,
            __each: impl for<'__a> ::core::ops::FnMut(
                __p::Item<'__a, Self>,
            ) -> ::core::ops::ControlFlow<()>,
        ) -> __p::Result<()> {
            match (self, __state) {
                (Self::Memory { 0: __functor, .. }, __p::Either::A(__own)) => {
                    __p::Functor::visit(__functor, __own, __share, __each)
                }
                (
                    Self::File { values: __functor, .. },
                    __p::Either::B(__p::Either::A(__own)),
                ) => __p::Functor::visit(__functor, __own, __share, __each),
                (
                    Self::Columns { 0: __functor, .. },
                    __p::Either::B(__p::Either::B(__own)),
                ) => __p::AxisFunctor::visit_along(__functor, 1usize, __share, __each),
                _ => __p::state_of_another_variant(),
            }
        }
        fn pack(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<Self>> {
            match self {
                Self::Memory { 0: __0 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(__parcel, (__p::Part(__0), ()))?;
                    unsafe {
                        __parcel.build(__sent, |(__0, ())| Self::Memory { 0: __0 })
                    }
                }
                Self::File { path: __0, values: __1 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(
                            __parcel,
                            (
                                __p::Rest("path", __p::Way::of(__0).find(), __0),
                                (__p::Part(__1), ()),
                            ),
                        )?;
                    unsafe {
                        __parcel
                            .build(
                                __sent,
                                |(__0, (__1, ()))| Self::File {
                                    path: __0,
                                    values: __1,
                                },
                            )
                    }
                }
                Self::Columns { 0: __0 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(__parcel, (__p::PartAlong(__0), ()))?;
                    unsafe {
                        __parcel.build(__sent, |(__0, ())| Self::Columns { 0: __0 })
                    }
                }
            }
        }
        fn pack_boxed(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<::std::boxed::Box<Self>>> {
            __p::boxed(self, __parcel)
        }
    }
    fn __variants() {
        fn variants_give_one_type_of_item<'x, F, G>()
        where
            F: __p::Items<'x> + 'x,
            G: __p::Items<'x, Item = __p::Item<'x, F>> + 'x,
        {}
        variants_give_one_type_of_item::<Vec<f64>, Columns>();
    }
};
