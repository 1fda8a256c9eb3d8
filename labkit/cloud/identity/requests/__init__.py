"""Which IAM actions, on which resources and with which context, an HTTP request needs: one module a service."""
