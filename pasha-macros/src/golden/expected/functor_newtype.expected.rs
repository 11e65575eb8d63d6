const _: () = {
    use ::pasha::__private as __p;
    #[automatically_derived]
    impl<'__item, 'a> __p::Items<'__item> for Frames<'a> {
        type Item = __p::Item<'__item, ArrayView3<'a, u16>>;
    }
    #[automatically_derived]
    impl<'a> __p::Functor for Frames<'a> {
        type State = <ArrayView3<'a, u16> as __p::Functor>::State;
        fn items(&self) -> __p::Result<usize> {
            __p::Functor::items(&self.0)
        }
        fn state(&self) -> __p::Result<Self::State> {
            __p::Functor::state(&self.0)
        }
        #[inline]
        fn item<'__a>(
            &'__a self,
            __state: &'__a mut Self::State,
            __index: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            __p::Functor::item(&self.0, __state, __index)
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
            __p::Functor::visit(&self.0, __state, __share, __each)
        }
        fn pack(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<Self>> {
            match self {
                Self { 0: __0 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(__parcel, (__p::Part(__0), ()))?;
                    unsafe { __parcel.build(__sent, |(__0, ())| Self { 0: __0 }) }
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
};
const _: () = {
    use ::pasha::__private as __p;
    #[automatically_derived]
    impl<'__item> __p::Items<'__item> for Columns {
        type Item = __p::Item<'__item, Array2<f64>>;
    }
    #[automatically_derived]
    impl __p::Functor for Columns {
        type State = ();
        fn items(&self) -> __p::Result<usize> {
            __p::AxisFunctor::items_along(&self.0, 1usize)
        }
        fn state(&self) -> __p::Result<Self::State> {
            ::core::result::Result::Ok(())
        }
        #[inline]
        fn item<'__a>(
            &'__a self,
            __state: &'__a mut Self::State,
            __index: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            __p::AxisFunctor::item_along(&self.0, 1usize, __index)
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
            __p::AxisFunctor::visit_along(&self.0, 1usize, __share, __each)
        }
        fn pack(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<Self>> {
            match self {
                Self { 0: __0, 1: __1 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(
                            __parcel,
                            (
                                __p::PartAlong(__0),
                                (__p::Rest("1", __p::Way::of(__1).find(), __1), ()),
                            ),
                        )?;
                    unsafe {
                        __parcel
                            .build(__sent, |(__0, (__1, ()))| Self { 0: __0, 1: __1 })
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
};
