"""The shipped architectures: recipes that return an uncompiled `keras.Model`.

A builder is called as `builder(input_shape, num_classes, **parameters)`. Its annotated keyword arguments are the
schema a suite file is checked against, so they say exactly what is allowed. Keras is imported inside the functions:
the harness reads their signatures, and only a worker process calls them. The softmax layer computes in float32 under
any precision, as Keras's guide to mixed precision asks for.
"""
