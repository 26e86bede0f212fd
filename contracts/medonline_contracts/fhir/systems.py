"""Where Russian numbers and codes get their meaning in FHIR: every system named once, with its source.

`https://fhir.ru/ig/core/…` is RuCoreIG, the national core guide of HL7 FHIR Россия (its NamingSystem resources and the
profiles Core_Patient and Core_Coverage); the dictionaries behind its code systems are those of НСИ Минздрава.
"""

# Numbers of people (NamingSystem core-ns-rf-…)
SNILS = "https://fhir.ru/ig/core/systems/snils"
OMS_POLICY = "https://fhir.ru/ig/core/systems/oms"
IDENTITY_DOCUMENT = "https://fhir.ru/ig/core/systems/identity-document"
DEPARTMENT_CODE = "https://fhir.ru/ig/core/systems/ns-division-code"

# Our own ids are UUIDs, which need no system of ours: they are URIs (FHIR R4, datatypes, "Identifier")
URI = "urn:ietf:rfc:3986"

# Russian dictionaries
DOCUMENT_TYPES = "https://fhir.ru/ig/core/CodeSystem/core-cs-nsi-identity-document"  # OID 1.2.643.5.1.13.13.99.2.48
SOURCES_OF_PAYMENT = "https://fhir.ru/ig/core/CodeSystem/core-cs-nsi-sources-of-payment"  # OID 1.2.643.5.1.13.2.1.1.153

# HL7's own (terminology.hl7.org)
IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
ACTS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONSENT_SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
