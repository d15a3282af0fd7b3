@echo off
rem The command line of the installed application: the application itself, without a window.
"%~dp0..\..\Venti Mirror.exe" --cli -- %*
