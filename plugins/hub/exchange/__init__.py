"""The exchange: a small HTTP service with which recipients fetch their dispatches, answer them and hand in deliveries.

A request may do what its token allows: the database shows the service's own role only the rows of the recipient whose
token a transaction has brought. What is handed in goes into the drop folder and is ingested as any file; the service
has no key of the hub and no right to raw, vault or quarantine.
"""
